import {
  AzureCliCredential,
  AzureDeveloperCliCredential,
  AzurePowerShellCredential,
  ChainedTokenCredential,
  getBearerTokenProvider,
  ManagedIdentityCredential,
  type TokenCredential,
} from '@azure/identity';
import type { Config } from './config.ts';

/** The identity for Storage and Cosmos DB: always the managed identity, in Azure and in the local world alike. */
export function createCredential(config: Config): TokenCredential {
  return config.clientId === undefined
    ? new ManagedIdentityCredential()
    : new ManagedIdentityCredential({ clientId: config.clientId });
}

/**
 * Gives the bearer token (or, in Development, the key) for Azure OpenAI. Tokens are cached and renewed by the provider.
 * A developer who points the local world at a real endpoint is that developer there: the local identity means nothing to it.
 */
export function createOpenAIToken(config: Config, credential: TokenCredential): () => Promise<string> {
  const { apiKey, endpoint, scope } = config.openai;
  if (apiKey !== undefined) return () => Promise.resolve(apiKey);
  return getBearerTokenProvider(config.development && !isLoopback(endpoint) ? developerLogin() : credential, scope);
}

const isLoopback = (address: string): boolean => /^(127\.|localhost$|\[?::1)/.test(new URL(address).hostname);

const developerLogin = (): TokenCredential =>
  new ChainedTokenCredential(
    new AzureCliCredential(),
    new AzureDeveloperCliCredential(),
    new AzurePowerShellCredential(),
  );
