import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { endLostRequests } from '../../../src/http/lost-requests.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What the library gives the host, with a request that comes or does not. */
function library(request: Promise<string>) {
  class Invocation {
    readonly #request = request;
    getArguments(): Promise<unknown> {
      return this.#request;
    }
  }
  const model = { getInvocationModel: (_context: unknown) => Promise.resolve(new Invocation()) };
  endLostRequests(model);
  return model;
}

it('ends a call whose request does not come', async () => {
  const model = library(new Promise(() => undefined));
  const call = (await model.getInvocationModel({})).getArguments();
  const ended = expect(call).rejects.toThrow('has not reached the app');
  await vi.advanceTimersByTimeAsync(30_000);
  await ended;
});

it('leaves one alone whose request has come, and no timer behind', async () => {
  const model = library(Promise.resolve('the request'));
  expect(await (await model.getInvocationModel({})).getArguments()).toBe('the request');
  expect(vi.getTimerCount()).toBe(0);
});
