import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { IMAGE_MODEL_VERSIONS } from '../../tools/hooks/models.ts';
import { literal } from './bicep.ts';
import { deploymentWith, mainFile } from './template.ts';

/** Microsoft Learn, Responses API, «Region availability», November 2026. */
const RESPONSES_REGIONS = [
  ...['australiaeast', 'brazilsouth', 'canadacentral', 'canadaeast', 'eastus', 'eastus2', 'francecentral'],
  ...['germanywestcentral', 'italynorth', 'japaneast', 'koreacentral', 'northcentralus', 'norwayeast'],
  ...['polandcentral', 'southafricanorth', 'southcentralus', 'southeastasia', 'southindia', 'spaincentral'],
  ...['swedencentral', 'switzerlandnorth', 'uaenorth', 'uksouth', 'westus', 'westus3'],
];

/** `az functionapp list-flexconsumption-locations`, as the Flex Consumption quickstarts of 2026 list it, without the canary. */
const FLEX_REGIONS = [
  ...['australiaeast', 'australiasoutheast', 'brazilsouth', 'canadacentral', 'centralindia', 'centralus', 'eastasia'],
  ...['eastus', 'eastus2', 'francecentral', 'germanywestcentral', 'italynorth', 'japaneast', 'koreacentral'],
  ...['northcentralus', 'northeurope', 'norwayeast', 'southafricanorth', 'southcentralus', 'southeastasia'],
  ...['southindia', 'spaincentral', 'swedencentral', 'uaenorth', 'uksouth', 'ukwest', 'westcentralus', 'westeurope'],
  ...['westus', 'westus2', 'westus3'],
];

/** Microsoft's table «Global Standard model availability», 2026: the same five for every model of the series gpt-image. */
const IMAGE_REGIONS = ['eastus2', 'polandcentral', 'swedencentral', 'uaenorth', 'westus3'];

const allowed = (parameter: string): string[] =>
  (mainFile.parameters.find(({ name }) => name === parameter)?.allowed?.namedChildren ?? []).map(
    (node) => literal(node) ?? '',
  );

const template = deploymentWith({ AUTH_AUDIENCE: 'api://gateway' });

describe('the regions of the template', () => {
  it('are those that offer the Responses API, for Azure OpenAI', () => {
    expect(allowed('openAiLocation')).toEqual(RESPONSES_REGIONS);
  });

  it('are those that offer Flex Consumption, for the app', () => {
    expect(allowed('location')).toEqual(FLEX_REGIONS);
  });

  it('are those that offer image models, for images', () => {
    expect(template.named('imageRegions')).toEqual(IMAGE_REGIONS);
    expect(IMAGE_REGIONS.filter((region) => !RESPONSES_REGIONS.includes(region))).toEqual([]);
  });

  it('work out of the box: app, responses and images in the default region', () => {
    const region = template.named('location');
    for (const list of [FLEX_REGIONS, RESPONSES_REGIONS, IMAGE_REGIONS]) expect(list).toContain(region);
  });

  it('are told in docs/deploy.md as the template knows them', () => {
    const rows = [
      ...readFileSync('docs/deploy.md', 'utf8').matchAll(/^\| (\w+) \| (yes|no) \| (yes|no) \| (yes|no) \|$/gm),
    ];
    const every = [...new Set([...FLEX_REGIONS, ...RESPONSES_REGIONS])].sort();
    const told = (is: boolean): string => (is ? 'yes' : 'no');
    expect(rows.map(([, ...cells]) => cells.join(' '))).toEqual(
      every.map((region) =>
        [
          region,
          told(FLEX_REGIONS.includes(region)),
          told(RESPONSES_REGIONS.includes(region)),
          told(IMAGE_REGIONS.includes(region)),
        ].join(' '),
      ),
    );
  });
});

describe('the image models of the template', () => {
  it('are those that the hook asks Azure for, in the same versions', () => {
    expect(template.named('imageModelVersions')).toEqual({ none: '', ...IMAGE_MODEL_VERSIONS });
    expect(allowed('imageModel')).toEqual(['none', ...Object.keys(IMAGE_MODEL_VERSIONS)]);
  });
});
