import OpenAI, { AzureOpenAI } from 'openai';
import OpenAI6 from 'openai-6';
import type { Endpoints } from '../../local/world/endpoints.ts';

type MakeClient = (endpoints: Endpoints, apiKey: string) => OpenAI;

const API_VERSION = '2025-04-01-preview';

/**
 * Every way in which programs of the official package reach a gateway. The type is the newest class's:
 * what these tests use is the same in all of them.
 */
export const CLIENTS: readonly (readonly [name: string, make: MakeClient])[] = [
  ['openai 7', ({ gateway }, apiKey) => new OpenAI({ baseURL: `${gateway}/openai/v1/`, apiKey, maxRetries: 0 })],
  [
    'openai 6',
    ({ gateway }, apiKey) =>
      new OpenAI6({
        baseURL: `${gateway}/openai/v1/`,
        apiKey,
        maxRetries: 0,
      }) as unknown as OpenAI,
  ],
  [
    'AzureOpenAI with an endpoint',
    ({ gateway }, apiKey) => new AzureOpenAI({ endpoint: gateway, apiKey, apiVersion: API_VERSION, maxRetries: 0 }),
  ],
  [
    'AzureOpenAI with a base URL',
    ({ gateway }, apiKey) =>
      new AzureOpenAI({
        baseURL: `${gateway}/openai/v1`,
        apiKey,
        apiVersion: API_VERSION,
        maxRetries: 0,
      }),
  ],
];
