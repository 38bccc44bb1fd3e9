import { CfnOutput, Stack } from 'aws-cdk-lib';
import { MINUTES, SECONDS } from '../../emulator/core/plan';
import type { ServiceFactory } from '../../emulator/core/service';
import { emulateCodePipeline } from '../../emulator/services/codepipeline/service';
import { emulateEcs } from '../../emulator/services/ecs/service';
import { type CancellableFleet, CodePipelineFleet, EcsFleet, FleetCancellation } from '../../lib';
import { assemble, deniedOperations, EmulatorFixture, stackOf } from './emulator-fixture';

/** Deploys a stack that cancels a fleet. The role allows every call of the function. */
async function cancel(fleet: CancellableFleet, service: ServiceFactory) {
  const assembly = assemble((app) => {
    const stack = new Stack(app, 'Stack');
    const { summary } = new FleetCancellation(stack, 'Fleet', { fleet, output: false });
    new CfnOutput(stack, 'Summary', { value: summary });
  });
  const fixture = await EmulatorFixture.start({ assembly, seed: {}, services: [service] });
  const { status, outputs } = await fixture.create(stackOf(assembly));
  expect(status).toBe('CREATE_COMPLETE');
  expect(
    deniedOperations(fixture.recorder.calls.map(({ call: { operation }, answer }) => ({ operation, answer }))),
  ).toEqual([]);
  const [{ simulated }] = fixture.emulator.services as [(typeof fixture.emulator.services)[number]];
  return { summary: outputs[0]?.value, simulated };
}

test('the deployments of all services of a cluster are rolled back, and no others', async () => {
  const ROLLED_BACK = { steps: [{ after: 40 * SECONDS, status: 'ROLLBACK_SUCCESSFUL' }] } as const;
  const running = { at: -2 * MINUTES, onCancel: ROLLED_BACK };
  const over = { at: -30 * MINUTES, steps: [{ after: 5 * MINUTES, status: 'SUCCESSFUL' }] } as const;
  const names = Array.from({ length: 12 }, (_, index) => `service-${index}`);
  const clusters = [
    {
      name: 'prod',
      services: names.map((name, index) => ({ name, deployments: index % 3 === 0 ? [over] : [running] })),
    },
    { name: 'test', services: [{ name: 'web', deployments: [running] }] },
  ];
  const { summary, simulated } = await cancel(EcsFleet.fromClusterName('prod'), (clock, consistency) =>
    emulateEcs({ clusters }, clock, undefined, consistency),
  );
  expect(summary).toBe('12 deployments: 8 cancelled, 4 untouched');
  expect(simulated.acceptedCancels.map(({ resource }) => resource).toSorted()).toEqual(
    names.flatMap((name, index) => (index % 3 === 0 ? [] : [`prod/${name}`])).toSorted(),
  );
});

test('all executions of a pipeline that are in flight are stopped', async () => {
  const stopped = { steps: [{ after: 40 * SECONDS, status: 'Stopped' as const }] };
  const executions = [
    { at: -30 * MINUTES, steps: [{ after: 5 * MINUTES, status: 'Succeeded' as const }] },
    { at: -4 * MINUTES, onCancel: stopped },
    { at: -3 * MINUTES, onCancel: stopped },
    { at: -2 * MINUTES, onCancel: stopped },
  ];
  const pipelines = [
    { name: 'release', executions },
    { name: 'other', executions },
  ];
  const { summary, simulated } = await cancel(CodePipelineFleet.fromPipelineName('release'), (clock, consistency) =>
    emulateCodePipeline({ pipelines }, clock, undefined, consistency),
  );
  expect(summary).toBe('3 deployments: 3 cancelled');
  expect(simulated.acceptedCancels.map(({ resource }) => resource)).toEqual(['release', 'release', 'release']);
});
