import { json, type Answer } from '../http/answer.ts';
import type { CosmosRequest } from '../http/request.ts';

/**
 * The account document, which every client reads first. One region, Strong consistency; the addresses are those that
 * the caller used, or endpoint discovery would lead it away.
 */
export function readAccount(request: CosmosRequest): Answer {
  const locations = [{ name: 'Local', databaseAccountEndpoint: `${request.origin}/` }];
  return json(200, {
    _self: '',
    id: 'local',
    _rid: 'local',
    media: '//media/',
    addresses: '//addresses/',
    _dbs: '//dbs/',
    writableLocations: locations,
    readableLocations: locations,
    enableMultipleWriteLocations: false,
    continuousBackupEnabled: false,
    userReplicationPolicy: { asyncReplication: false, minReplicaSetSize: 1, maxReplicasetSize: 1 },
    userConsistencyPolicy: { defaultConsistencyLevel: 'Strong' },
    systemReplicationPolicy: { minReplicaSetSize: 1, maxReplicasetSize: 1 },
    readPolicy: { primaryReadCoefficient: 1, secondaryReadCoefficient: 1 },
    queryEngineConfiguration: '{}',
  });
}
