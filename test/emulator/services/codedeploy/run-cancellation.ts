import { CfnOutput, Stack } from 'aws-cdk-lib';
import { VirtualClock } from '../../../../emulator/core/clock';
import type { Assembly } from '../../../../emulator/simulation/assembly';
import { scenarioOf } from '../../../../emulator/simulation/find-scenario';
import { run } from '../../../../emulator/simulation/run';
import type { ScenarioName } from '../../../../emulator/simulation/scenarios';
import { CodeDeployDeployment, DeploymentCancellation } from '../../../../lib';
import type { Outcome } from '../../../../lib/contract/cancellation';
import { assemble, deniedOperations } from '../../emulator-fixture';

export const WEB = CodeDeployDeployment.fromDeploymentGroupName({
  applicationName: 'shop',
  deploymentGroupName: 'web',
});

/** A stack that cancels a deployment of CodeDeploy, and outputs its attributes. */
export function cancellationOf(deployment: CodeDeployDeployment): Assembly {
  return assemble((app) => {
    const stack = new Stack(app, 'Stack');
    const cancellation = new DeploymentCancellation(stack, 'Cancellation', { deployment, output: false });
    const { deploymentStatus, outcome, deploymentId } = cancellation;
    const { name, createdAt } = cancellation.attributes;
    const values = { deploymentStatus, outcome, deploymentId, name, createdAt };
    for (const [id, value] of Object.entries(values)) new CfnOutput(stack, id, { value });
  });
}

export const ENDS: readonly [ScenarioName, Outcome, string][] = [
  ['cancelled', 'CANCELLED', 'Stopped'],
  ['finishes-first', 'COMPLETED_FIRST', 'Succeeded'],
  ['cancel-fails', 'CANCEL_FAILED', 'Failed'],
  ['nothing-to-cancel', 'NOTHING_TO_CANCEL', 'Succeeded'],
  ['superseded', 'CANCELLED', 'Stopped'],
  ['overtaken', 'COMPLETED_FIRST', 'Succeeded'],
  ['vanishes', 'SUPERSEDED', 'UNKNOWN'],
];

/** Deploys the stack: the real template, bundle and state machine. The role allows every call of the function. */
export async function play(assembly: Assembly, name: ScenarioName) {
  const scenario = scenarioOf('codedeploy-deployment', name);
  const report = await run({ clock: new VirtualClock(), assembly, scenario });
  const calls = report.history.flatMap((event) => (event.kind === 'call' ? [event] : []));
  expect(deniedOperations(calls)).toEqual([]);
  return { ...report, stops: calls.filter(({ operation }) => operation === 'StopDeployment').length };
}

export async function expectEnd(assembly: Assembly, [name, outcome, status]: (typeof ENDS)[number]): Promise<void> {
  const { stackStatus, outputs, history } = await play(assembly, name);
  expect(stackStatus).toBe('CREATE_COMPLETE');
  expect(outputs).toMatchObject({
    outcome,
    deploymentStatus: status,
    deploymentId: expect.stringMatching(/^d-[0-9A-Z]{9}$/),
  });
  // The last event is the end of the rollback.
  if (name === 'cancelled') {
    const moves = history.flatMap((event) => (event.kind === 'deployment' ? [event.status] : []));
    expect(moves).toEqual(['Stopped', 'InProgress', 'Succeeded']);
  }
  // A deleted resource has no other attributes.
  if (name === 'vanishes') return;
  expect(outputs).toMatchObject({
    name: 'web',
    createdAt: expect.stringMatching(/^2025-12-31T2\d:\d\d:00.000Z$/),
  });
}
