import { Stack } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import type { PublishedEvent } from '../../emulator/aws/events';
import { DEFAULT_ENVIRONMENT } from '../../emulator/core/environment';
import { SECONDS } from '../../emulator/services/proton/plan';
import { CancelDeploymentTarget, StackRollbackRule } from '../../lib/index';
import { assemble, deployedAt, EmulatorFixture, stackOf, WEB_PROD } from './emulator-fixture';

const assembly = assemble((app) => {
  const stack = new Stack(app, 'Stack');
  new Rule(stack, 'Alarm', {
    eventPattern: { source: ['alarm'] },
    targets: [new CancelDeploymentTarget({ deployment: WEB_PROD })],
  });
  new StackRollbackRule(stack, 'Watch', { deployment: WEB_PROD, stackNames: ['web'] });
});

const PATH = 'service/web/service-instance/web-prod';
const ALARM = { source: 'alarm', 'detail-type': 'Alarm', detail: {} };
const ROLLBACK = {
  source: 'aws.cloudformation',
  'detail-type': 'CloudFormation Stack Status Change',
  detail: {
    'stack-id': `arn:aws:cloudformation:${DEFAULT_ENVIRONMENT.region}:${DEFAULT_ENVIRONMENT.account}:stack/web/0f9b`,
    'status-details': { status: 'UPDATE_ROLLBACK_IN_PROGRESS', 'status-reason': '' },
  },
};

/** An emulator with the rules, and a deployment of web/web-prod that has run for two minutes. */
async function begin() {
  const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2), consistency: 'strong' });
  await fixture.create(stackOf(assembly));
  const { clock, emulator } = fixture;
  return {
    fixture,
    /** Publishes an event that happens now. */
    now: (event: PublishedEvent): PublishedEvent => ({
      ...event,
      time: new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
    }),
    /** Waits for the executions that an event started. */
    deliver: async (event: PublishedEvent) => {
      emulator.events.publish(event);
      await fixture.pass(120);
    },
    deploy: () => emulator.proton.deploy(PATH, { steps: [{ after: 1500 * SECONDS, status: 'SUCCEEDED' }] }),
  };
}

describe.each([
  ['a target', ALARM],
  ['a rule on rollbacks', ROLLBACK],
])('the event of %s', (_what, happens) => {
  test('cancels the deployment in flight once, and a second delivery does not cancel the next one', async () => {
    const { fixture, now, deliver, deploy } = await begin();
    const event = now(happens);
    await deliver(event);
    expect(fixture.deployments).toEqual(['CANCELLED']);
    deploy();
    await deliver(event);
    expect(fixture.deployments).toEqual(['CANCELLED', 'IN_PROGRESS']);
    expect(fixture.recorder.results).toEqual([
      { status: 'SUCCEEDED', outcome: 'CANCELLED', reason: expect.stringContaining('is CANCELLED') },
      { status: 'SUCCEEDED', outcome: 'SKIPPED', reason: expect.stringContaining('after a cancellation was asked') },
    ]);
    expect(fixture.recorder.cancelled).toHaveLength(1);
  });

  test('does not cancel a newer deployment when it is delivered late', async () => {
    const { fixture, now, deliver, deploy } = await begin();
    const event = now(happens);
    await fixture.pass(30);
    deploy();
    await deliver(event);
    expect(fixture.deployments).toEqual(['IN_PROGRESS', 'IN_PROGRESS']);
    expect(fixture.recorder.cancelled).toEqual([]);
  });

  test('cancels a deployment that is still in flight when it is delivered late', async () => {
    const { fixture, now, deliver } = await begin();
    const event = now(happens);
    await fixture.pass(600);
    await deliver(event);
    expect(fixture.deployments).toEqual(['CANCELLED']);
  });

  test('cancels once when it is delivered twice at the same time', async () => {
    const { fixture, now, deliver } = await begin();
    const event = now(happens);
    fixture.emulator.events.publish(event);
    await deliver(event);
    expect(fixture.deployments).toEqual(['CANCELLED']);
    expect(fixture.recorder.cancelled).toHaveLength(1);
    expect(fixture.recorder.results.map(({ outcome }) => outcome)).toEqual(['CANCELLED', 'CANCELLED']);
  });
});
