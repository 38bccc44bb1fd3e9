import {
  STACK_SCENARIO_NAMES,
  STACK_SCENARIOS,
  type StackScenarioName,
  withStackScenario,
} from '../../../bin/scenarios/stack-scenarios';
import { VirtualClock } from '../../../emulator/core/clock';
import { type Report, run } from '../../../emulator/simulation/run';
import { keepFunctionsClean } from '../../helpers/functions';

keepFunctionsClean();

/** The expected result of a scenario. */
interface ScenarioResult {
  /** The final status of the stack after each operation. */
  readonly stack: readonly string[];
  /** The final statuses of the deployments that were started, oldest first. */
  readonly deployments: readonly string[];
  /** The number of cancellations that Proton accepted. */
  readonly cancels: number;
}

const RESULTS: Readonly<Record<StackScenarioName, ScenarioResult>> = {
  'guard-armed': { stack: ['CREATE_COMPLETE'], deployments: ['IN_PROGRESS'], cancels: 0 },
  'rollback-of-create': { stack: ['ROLLBACK_COMPLETE'], deployments: ['CANCELLED'], cancels: 1 },
  'rollback-of-update': {
    stack: ['CREATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'],
    deployments: ['IN_PROGRESS', 'CANCELLED'],
    cancels: 1,
  },
  'guard-new-in-failed-update': {
    stack: ['CREATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'],
    deployments: ['IN_PROGRESS', 'CANCELLED'],
    cancels: 1,
  },
  'guard-removed': { stack: ['CREATE_COMPLETE', 'UPDATE_COMPLETE'], deployments: ['IN_PROGRESS'], cancels: 0 },
  'stack-deleted': { stack: ['CREATE_COMPLETE', 'DELETE_COMPLETE'], deployments: ['IN_PROGRESS'], cancels: 0 },
  'stack-deleted-cancelling': {
    stack: ['CREATE_COMPLETE', 'DELETE_COMPLETE'],
    deployments: ['CANCELLED'],
    cancels: 1,
  },
  'guard-ignores-earlier': { stack: ['ROLLBACK_COMPLETE'], deployments: [], cancels: 0 },
  'guard-cancels-earlier': { stack: ['ROLLBACK_COMPLETE'], deployments: ['CANCELLED'], cancels: 1 },
  'nested-rollback-of-create': { stack: ['ROLLBACK_COMPLETE'], deployments: ['CANCELLED'], cancels: 1 },
  'nested-rollback-of-update': {
    stack: ['CREATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'],
    deployments: ['IN_PROGRESS', 'CANCELLED'],
    cancels: 1,
  },
  'nested-stack-deleted': { stack: ['CREATE_COMPLETE', 'DELETE_COMPLETE'], deployments: ['IN_PROGRESS'], cancels: 0 },
  'nested-guard-removed': { stack: ['CREATE_COMPLETE', 'UPDATE_COMPLETE'], deployments: ['IN_PROGRESS'], cancels: 0 },
  'nested-guard-new-in-failed-update': {
    stack: ['CREATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'],
    deployments: ['CANCELLED'],
    cancels: 1,
  },
  'guard-added-beside-cancellation': {
    stack: ['CREATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'],
    deployments: ['CANCELLED'],
    cancels: 1,
  },
  'guard-moved': {
    stack: ['CREATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'],
    deployments: ['IN_PROGRESS', 'CANCELLED'],
    cancels: 1,
  },
  'guard-status-unreadable': { stack: ['ROLLBACK_COMPLETE'], deployments: ['IN_PROGRESS'], cancels: 0 },
  'delete-during-create': { stack: ['ROLLBACK_COMPLETE'], deployments: ['CANCELLING'], cancels: 1 },
  'update-rolled-back': {
    stack: ['CREATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'],
    deployments: ['CANCELLED'],
    cancels: 1,
  },
};

const GUARD_TYPE = 'Custom::CancelOnRollback';

async function perform(name: StackScenarioName): Promise<Report> {
  return withStackScenario(STACK_SCENARIOS[name], (prepared) =>
    run({ clock: new VirtualClock(), ...prepared, scenario: { name, ...STACK_SCENARIOS[name] } }),
  );
}

test.each(STACK_SCENARIO_NAMES)('%s has the expected result, and no rollback is stuck', async (name) => {
  const { history, stackStatus } = await perform(name);
  const stackStatuses = history.flatMap((event) =>
    event.kind === 'resource' && event.logicalId === 'Guarded' && /(COMPLETE|FAILED)$/.test(event.status)
      ? [event.status]
      : [],
  );
  const deployments = new Map<string, string>();
  for (const event of history) if (event.kind === 'deployment') deployments.set(event.deploymentId, event.status);
  const cancels = history.filter(
    (event) => event.kind === 'call' && event.operation === 'CancelServiceInstanceDeployment' && event.answer === 'ok',
  );
  expect({ stack: stackStatuses, deployments: [...deployments.values()], cancels: cancels.length }).toEqual(
    RESULTS[name],
  );
  expect(stackStatus).toBe(RESULTS[name].stack.at(-1));

  const failedGuards = history.filter(
    (event) => event.kind === 'resource' && event.resourceType === GUARD_TYPE && event.status.endsWith('_FAILED'),
  );
  expect(failedGuards).toEqual([]);
});

test('a guard is armed before the resources that it protects are created', async () => {
  const { history } = await perform('rollback-of-update');
  const completed = (logicalId: RegExp, status: string) =>
    history.flatMap((event, at) =>
      event.kind === 'resource' && logicalId.test(event.logicalId) && event.status === status ? [at] : [],
    );
  const [armed] = completed(/^Guard[0-9A-F]{8}$/, 'UPDATE_COMPLETE');
  const [released] = completed(/^Release$/, 'UPDATE_IN_PROGRESS');
  expect(armed).toBeLessThan(released as number);
});

test('the execution of a cancellation that is deleted while it waits is stopped', async () => {
  const { history } = await perform('delete-during-create');
  const stopped = history.findIndex((event) => event.kind === 'call' && event.operation === 'StopExecution');
  expect(stopped).toBeGreaterThan(0);
  expect(history.slice(stopped).filter((event) => event.kind === 'state')).toEqual([]);
});
