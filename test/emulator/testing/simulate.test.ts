import { App, Stack } from 'aws-cdk-lib';
import { type Scenario, simulate } from '../../../emulator/testing/index';
import {
  type CancellableDeployment,
  DeploymentCancellation,
  EcsServiceDeployment,
  StackUpdate,
} from '../../../lib/index';

const ECS = EcsServiceDeployment.fromServiceName({ clusterName: 'shop', serviceName: 'checkout' });

/** A stack of an app of its own that cancels that deployment. */
function cancelling(deployment: CancellableDeployment, id = 'StopTheRelease'): Stack {
  const stack = new Stack(new App(), id);
  new DeploymentCancellation(stack, 'Cancel', { deployment });
  return stack;
}

describe('what happens to the deployment', () => {
  test.each<[Scenario, string, string]>([
    ['cancelled', 'CREATE_COMPLETE', 'CANCELLED'],
    ['finishes-first', 'CREATE_COMPLETE', 'COMPLETED_FIRST'],
    ['cancel-fails', 'CREATE_COMPLETE', 'CANCEL_FAILED'],
    ['throttled', 'CREATE_COMPLETE', 'CANCELLED'],
    ['access-denied', 'ROLLBACK_COMPLETE', 'ACCESS_DENIED'],
    ['not-found', 'ROLLBACK_COMPLETE', 'NOT_FOUND'],
  ])('is what the scenario %s says, in the names of the stack itself', async (scenario, stackStatus, outcome) => {
    const report = await simulate(cancelling(ECS), { scenario });
    expect(report.stackStatus).toBe(stackStatus);
    expect(report.cancellations).toEqual([
      expect.objectContaining({
        path: 'StopTheRelease/Cancel',
        identifiers: { clusterName: 'shop', serviceName: 'checkout' },
        outcome,
      }),
    ]);
    if (stackStatus === 'ROLLBACK_COMPLETE') expect(report.statusReason).toContain(report.cancellations[0]?.reason);
    else expect(report).not.toHaveProperty('statusReason');
  });

  test('is a plan of one’s own, for each deployment', async () => {
    const stack = cancelling(ECS);
    new DeploymentCancellation(stack, 'Other', { deployment: StackUpdate.fromStackName('theirs') });
    const { cancellations } = await simulate(stack, {
      deployments: [
        {
          kind: 'ecs-service-deployment',
          identifiers: { clusterName: 'shop', serviceName: 'checkout' },
          scenario: { onCancel: { steps: [{ afterSeconds: 7, status: 'FAILED' }] } },
        },
        {
          kind: 'cloudformation-stack-update',
          identifiers: { stackName: 'theirs' },
          scenario: { startsAtSeconds: -300, steps: [{ afterSeconds: 200, status: 'SUCCEEDED' }] },
        },
      ],
    });
    const ends = cancellations.map(({ path, outcome, deploymentStatus }) => [path, outcome, deploymentStatus]);
    expect(ends.sort()).toEqual([
      ['StopTheRelease/Cancel', 'CANCEL_FAILED', 'ROLLBACK_FAILED'],
      ['StopTheRelease/Other', 'NOTHING_TO_CANCEL', 'UPDATE_COMPLETE'],
    ]);
  });
});
