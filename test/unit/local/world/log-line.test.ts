import { expect, it } from 'vitest';
import { readable } from '../../../../local/world/log-line.ts';

it('shows the app log as people read it', () => {
  const line = JSON.stringify({
    level: 50,
    time: '2026-11-22T02:40:02.781Z',
    responseId: 'resp_1',
    polls: 3,
    msg: 'finished',
  });
  expect(readable(line)).toBe('02:40:02 ERROR finished responseId=resp_1 polls=3');
});

it.each(['plain text', '{"no":"log"}', '{broken', ''])('leaves %j as it is', (line) => {
  expect(readable(line)).toBe(line);
});
