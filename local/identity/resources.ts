import { API_CLIENT_ID } from './callers.ts';

/** What a token can be asked for, and what it then says. */
export interface Resource {
  audience: string;
  /** The gateway's API takes both versions; Azure's own services only ever get 1.0. */
  isGatewayApi: boolean;
}

/** Services that the gateway reaches with its identity. */
const AZURE_SERVICES = new Set([
  'https://storage.azure.com',
  'https://ai.azure.com',
  'https://cognitiveservices.azure.com',
  'https://cosmos.azure.com',
]);

/** The Cosmos DB SDK asks for a token for the account's own address. */
const LOCAL_ACCOUNT = /^https:\/\/(127\.0\.0\.1|localhost)(:\d+)?$/;

/** Recognises a resource (`https://storage.azure.com/`, `api://<client id>`); undefined when the tenant does not know it. */
export function findResource(asked: string): Resource | undefined {
  const name = asked.replace(/\/+$/, '');
  if (name === API_CLIENT_ID || name === `api://${API_CLIENT_ID}`) return { audience: name, isGatewayApi: true };
  if (AZURE_SERVICES.has(name) || LOCAL_ACCOUNT.test(name)) return { audience: name, isGatewayApi: false };
  return undefined;
}
