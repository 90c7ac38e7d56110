import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DueTimes } from '../../../../../local/host/durable/engine/due-times.ts';

it('gives back what is due, earliest first, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100)), fc.nat(100), (times, now) => {
      const due = new DueTimes();
      for (const at of times) due.add(at, String(at));
      const sorted = times.toSorted((a, b) => a - b);
      expect(due.next).toBe(sorted[0]);
      expect(due.takeDue(now)).toEqual(sorted.filter((at) => at <= now).map(String));
      expect(due.next).toBe(sorted.find((at) => at > now));
    }),
  );
});
