/** What the SDK's client is told about the host (azure-functions-durable-extension, HttpApiHandler.cs). */
export interface ClientAddress {
  /** Where the host answers: `http://127.0.0.1:7071`. */
  origin: string;
  hubName: string;
  /** Key that the public management API asks for. */
  systemCode: string | undefined;
}

/** Where the management API is mounted. */
export const WEBHOOK_PATH = '/runtime/webhooks/durabletask';
/** The real host's name for the storage account of `AzureWebJobsStorage`. */
const CONNECTION = 'Storage';
/** What the SDK replaces by the id. */
const ID_PLACEHOLDER = 'INSTANCEID';

export type ManagementLinks = Record<
  | 'id'
  | 'statusQueryGetUri'
  | 'sendEventPostUri'
  | 'terminatePostUri'
  | 'rewindPostUri'
  | 'purgeHistoryDeleteUri'
  | 'restartPostUri'
  | 'suspendPostUri'
  | 'resumePostUri',
  string
>;

/** The addresses to watch and steer one orchestration. */
export function managementLinks(address: ClientAddress, instanceId: string): ManagementLinks {
  const instance = `${address.origin}${WEBHOOK_PATH}/instances/${encodeURIComponent(instanceId)}`;
  const key = keyQuery(address);
  const query = `taskHub=${encodeURIComponent(address.hubName)}&connection=${CONNECTION}${key && `&${key}`}`;
  return {
    id: instanceId,
    statusQueryGetUri: `${instance}?${query}`,
    sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
    terminatePostUri: `${instance}/terminate?reason={text}&${query}`,
    rewindPostUri: `${instance}/rewind?reason={text}&${query}`,
    purgeHistoryDeleteUri: `${instance}?${query}`,
    restartPostUri: `${instance}/restart?${query}`,
    suspendPostUri: `${instance}/suspend?reason={text}&${query}`,
    resumePostUri: `${instance}/resume?reason={text}&${query}`,
  };
}

/**
 * Text of the `durableClient` binding.
 * @param rpcBaseUrl where the SDK sends its calls; must end in a slash
 */
export function clientPayload(address: ClientAddress, rpcBaseUrl: string): string {
  const baseUrl = `${address.origin}${WEBHOOK_PATH}`;
  const start = `${baseUrl}/orchestrators/{functionName}[/{instanceId}]`;
  const key = keyQuery(address);
  return JSON.stringify({
    taskHubName: address.hubName,
    creationUrls: {
      createNewInstancePostUri: `${start}?${key}`,
      createAndWaitOnNewInstancePostUri: `${start}?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&${key}`,
    },
    managementUrls: managementLinks(address, ID_PLACEHOLDER),
    baseUrl,
    requiredQueryStringParameters: key,
    rpcBaseUrl,
  });
}

function keyQuery({ systemCode }: ClientAddress): string {
  return systemCode === undefined ? '' : `code=${encodeURIComponent(systemCode)}`;
}
