import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostProcess } from './host-process.ts';

const host = new HostProcess();
beforeAll(() => host.start());
afterAll(() => host[Symbol.asyncDispose]());

describe('values', () => {
  it('reach an activity and come back as they are', async () => {
    const values = ['text', 'ünï "quoted"', '', 5, 1.5, 0, { a: [1, { b: null }] }, [1, 'x'], null];
    expect(await host.hub.run('echo-all', values)).toMatchObject({ runtimeStatus: 'Completed', output: values });
  });

  it('that are a bare true or false arrive as .NET writes them', async () => {
    expect(await host.hub.run('echo-all', [true, false, [true]])).toMatchObject({ output: ['True', 'False', [true]] });
  });

  it('that look like JSON are parsed on the way, as by the library everywhere', async () => {
    expect(await host.hub.run('echo-all', ['5', '{"a":1}'])).toMatchObject({ output: ['5', '{"a":1}'] });
  });

  it('that are undefined come back as null', async () => {
    expect(await host.hub.run('echo-undefined')).toMatchObject({ output: { isNull: true } });
  });

  it('that are a text get quotation marks when an orchestration continues as new with them, as in Azure', async () => {
    expect(await host.hub.run('text-as-new', 'text')).toMatchObject({ output: '"text"' });
  });

  it('of half a megabyte pass', async () => {
    const big = 'x'.repeat(500_000);
    expect(await host.hub.run('echo-all', [big])).toMatchObject({ output: [big] });
  });

  it.each([
    ['an object', { a: 1 }, 'object'],
    ['a text', 'text', 'string'],
    ['a number', 7, 'number'],
    ['nothing', undefined, 'object'],
  ])('given at the start: %s', async (_what, input, type) => {
    expect(await host.hub.run('return-input', input)).toMatchObject({ output: { input: input ?? null, type } });
  });

  it('that the SDK’s client leaves out arrive as an empty text', async () => {
    const answer = await fetch(`${host.address}/start/return-input?id=no-input`, { method: 'POST' });
    expect(answer.status).toBe(202);
    expect(await host.hub.end('no-input')).toMatchObject({ output: { input: '', type: 'string' } });
  });
});

describe('the version', () => {
  it('of a start reaches the orchestrator', async () => {
    await fetch(`${host.address}/start/return-input?id=versioned&version=2.1`, { method: 'POST' });
    expect(await host.hub.end('versioned')).toMatchObject({ output: { version: '2.1' } });
  });

  it('is empty when nobody has named one', async () => {
    expect(await host.hub.run('return-input', 1)).toMatchObject({ output: { version: '' } });
  });
});
