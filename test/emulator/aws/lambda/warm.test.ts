import type { Sandbox } from '../../../../emulator/aws/lambda/sandbox';
import { WarmSandboxes } from '../../../../emulator/aws/lambda/warm';

function idleSandbox(): Sandbox & { alive: boolean } {
  const sandbox = {
    alive: true,
    terminate: async () => {
      sandbox.alive = false;
    },
  };
  return sandbox as unknown as Sandbox & { alive: boolean };
}

test('takes only an alive sandbox of the same key, the last one first', () => {
  const warm = new WarmSandboxes();
  const [first, second, dead] = [idleSandbox(), idleSandbox(), idleSandbox()];
  for (const sandbox of [first, second, dead]) warm.give('a', sandbox);
  dead.alive = false;
  expect(warm.take('b')).toBeUndefined();
  expect(warm.take('a')).toBe(second);
  expect(warm.take('a')).toBe(first);
  expect(warm.take('a')).toBeUndefined();
});

test('ends the sandboxes that were idle for the longest time when there are too many', () => {
  const warm = new WarmSandboxes();
  const sandboxes = Array.from({ length: 30 }, idleSandbox);
  for (const [index, sandbox] of sandboxes.entries()) warm.give(String(index), sandbox);
  expect(sandboxes.map(({ alive }) => alive)).toEqual([...Array(6).fill(false), ...Array(24).fill(true)]);
});

test('ends all idle sandboxes when it is closed', async () => {
  const warm = new WarmSandboxes();
  const sandboxes = [idleSandbox(), idleSandbox()];
  for (const sandbox of sandboxes) warm.give('a', sandbox);
  await warm.close();
  expect(sandboxes.map(({ alive }) => alive)).toEqual([false, false]);
});
