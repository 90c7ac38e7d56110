/** `npm run doctor`: tries what the gateway lives from and says how to mend what fails. Exit code 1 when anything does. */
import { dataFolderPath } from '../../local/world/data-folder.ts';
import { runHook, say } from '../hooks/commands.ts';
import { examine, show } from './check.ts';
import { checks } from './checks.ts';
import { deployedPatient, findLocalPatient, type Patient } from './patient.ts';

const USAGE = `npm run doctor                  examines the local world (npm start)
npm run doctor -- --deployed    examines the deployment of the azd environment in this folder

GATEWAY_KEY: a key of the gateway, where AUTH_MODE is keys.`;

/** @throws Error when the option means nothing, or there is nobody to examine. */
async function patientOf(option: string | undefined): Promise<Patient> {
  if (option === '--deployed') return deployedPatient();
  if (option !== undefined) throw new Error(USAGE);
  const folder = dataFolderPath();
  const patient = await findLocalPatient(folder);
  if (patient !== undefined) return patient;
  throw new Error(
    `No local world has run on ${folder}: start one with npm start in another terminal, with the same LOCAL_DATA_DIR if you set one.`,
  );
}

await runHook(async () => {
  const [option] = process.argv.slice(2);
  if (option === '--help') {
    say(USAGE);
    return;
  }
  const patient = await patientOf(option);
  say(`Examining ${patient.gateway} ...`);
  let faults = 0;
  for await (const finding of examine(patient, checks)) {
    if (finding.state === 'fault') faults += 1;
    say(show(finding));
    // Whatever else would be said follows from it.
    if (finding.name === 'health' && finding.state === 'fault') break;
  }
  say(faults === 0 ? '\nAll is well.' : `\n${faults} ${faults === 1 ? 'thing needs' : 'things need'} mending.`);
  if (faults > 0) process.exitCode = 1;
});
