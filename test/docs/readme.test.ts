import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TERMINAL_OUTCOMES } from '../../lib/contract/cancellation';
import { CancellationOutcome } from '../../lib/contract/outcome';
import { readPage } from '../helpers/documents';

const README = readPage('README.md');

test('the README has at most 200 lines', () => {
  expect(README.split('\n').length).toBeLessThanOrEqual(201);
});

test('the README names the versions of the peers and of Node.js', () => {
  const { peerDependencies, engines } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8'));
  for (const [peer, range] of Object.entries(peerDependencies)) expect(README).toContain(`\`${peer}\` (\`${range}\`)`);
  expect(README).toContain(`Node.js ${engines.node.replace('>=', '')} or newer`);
});

test('the table of outcomes has every outcome, and tells which fail the stack', () => {
  const rows = [...README.matchAll(/^\| `([A-Z_]+)` \| .+ \| (.+) \|$/gm)].map(([, ...cells]) => cells);
  const named = (end: RegExp) => rows.filter(([, stack = '']) => end.test(stack)).map(([outcome]) => outcome);
  expect(rows.map(([outcome]) => outcome).sort()).toEqual(Object.values(CancellationOutcome).sort());
  expect(named(/^succeeds, unless in `failOn`$/)).toEqual([...TERMINAL_OUTCOMES]);
  expect(named(/^succeeds$/)).toEqual(['SKIPPED', 'NOT_ATTEMPTED', 'ARMED']);
  expect(named(/^fails/)).toEqual(['NOT_FOUND', 'TIMED_OUT', 'REFUSED', 'ACCESS_DENIED', 'UNAVAILABLE', 'ERROR']);
});
