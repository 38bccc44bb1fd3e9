import { CfnOutput, Stack } from 'aws-cdk-lib';
import { VirtualClock } from '../../../../emulator/core/clock';
import type { Assembly } from '../../../../emulator/simulation/assembly';
import { scenarioOf } from '../../../../emulator/simulation/find-scenario';
import { run } from '../../../../emulator/simulation/run';
import type { ScenarioName } from '../../../../emulator/simulation/scenarios';
import { DeploymentCancellation, EcsServiceDeployment } from '../../../../lib';
import type { Outcome } from '../../../../lib/contract/cancellation';
import { assemble, deniedOperations } from '../../emulator-fixture';

export const WEB = EcsServiceDeployment.fromServiceName({ clusterName: 'prod', serviceName: 'web' });

/** A stack that cancels the deployment of an ECS service, and outputs its attributes. */
export function cancellationOfWeb(): Assembly {
  return assemble((app) => {
    const stack = new Stack(app, 'Stack');
    const cancellation = new DeploymentCancellation(stack, 'Cancellation', { deployment: WEB, output: false });
    const { deploymentStatus, outcome, deploymentId } = cancellation;
    const { arn, serviceName, createdAt } = cancellation.attributes;
    const values = { deploymentStatus, outcome, deploymentId, arn, serviceName, createdAt };
    for (const [id, value] of Object.entries(values)) new CfnOutput(stack, id, { value });
  });
}

export const ENDS: readonly [ScenarioName, Outcome, string][] = [
  ['cancelled', 'CANCELLED', 'ROLLBACK_SUCCESSFUL'],
  ['finishes-first', 'COMPLETED_FIRST', 'SUCCESSFUL'],
  ['cancel-fails', 'CANCEL_FAILED', 'ROLLBACK_FAILED'],
  ['nothing-to-cancel', 'NOTHING_TO_CANCEL', 'SUCCESSFUL'],
  ['superseded', 'CANCELLED', 'ROLLBACK_SUCCESSFUL'],
  ['overtaken', 'COMPLETED_FIRST', 'SUCCESSFUL'],
  ['vanishes', 'SUPERSEDED', 'UNKNOWN'],
];

/** Deploys the stack: the real template, bundle and state machine. The role allows every call of the function. */
export async function play(assembly: Assembly, name: ScenarioName) {
  const scenario = scenarioOf('ecs-service-deployment', name);
  const report = await run({ clock: new VirtualClock(), assembly, scenario });
  const calls = report.history.flatMap((event) => (event.kind === 'call' ? [event] : []));
  expect(deniedOperations(calls)).toEqual([]);
  return { ...report, stops: calls.filter(({ operation }) => operation === 'StopServiceDeployment').length };
}

export async function expectEnd(assembly: Assembly, [name, outcome, status]: (typeof ENDS)[number]): Promise<void> {
  const { stackStatus, outputs } = await play(assembly, name);
  expect(stackStatus).toBe('CREATE_COMPLETE');
  expect(outputs).toMatchObject({
    outcome,
    deploymentStatus: status,
    deploymentId: expect.stringMatching(/^[\w-]{22}$/),
  });
  // A deleted resource has no other attributes.
  if (name === 'vanishes') return;
  expect(outputs).toMatchObject({
    arn: `arn:aws:ecs:us-east-1:123456789012:service-deployment/prod/web/${outputs.deploymentId}`,
    serviceName: 'web',
    createdAt: expect.stringMatching(/^2025-12-31T2\d:\d\d:00.000Z$/),
  });
}
