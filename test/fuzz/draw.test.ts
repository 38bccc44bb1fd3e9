import fc from 'fast-check';
import { schedules } from './draw';
import { isOneAtATime } from './schedule';
import { targetsOf } from './targets';

test('where there is one deployment at a time, the next one starts after the first is over', () => {
  const property = fc.property(schedules, (schedule) => {
    for (const [index, { kind }] of targetsOf(schedule).entries()) {
      const { first, startsAt = [] } = schedule.behaviors[index] ?? {};
      if (first && isOneAtATime(kind)) for (const at of startsAt) expect(at).toBeGreaterThan(first.seconds);
    }
  });
  fc.assert(property, { numRuns: 2_000 });
});
