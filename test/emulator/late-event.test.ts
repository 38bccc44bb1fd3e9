import { Stack } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import type { PublishedEvent } from '../../emulator/aws/events';
import { SECONDS } from '../../emulator/services/proton/plan';
import { DEFAULT_ENVIRONMENT } from '../../emulator/services/proton/simulated-service';
import { CancelDeploymentTarget, StackRollbackRule } from '../../lib/index';
import { assemble, CloudFixture, deployedAt, stackOf, WEB_PROD } from './emulator-fixture';

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

/** A cloud on which web/web-prod has been in deployment for two minutes, and the rules are there. */
async function begin() {
  const fixture = await CloudFixture.start({ assembly, seed: deployedAt(-2) });
  await fixture.create(stackOf(assembly));
  const { clock, emulator } = fixture;
  return {
    fixture,
    /** An event that has just happened. */
    now: (event: PublishedEvent): PublishedEvent => ({
      ...event,
      time: new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
    }),
    /** Until all that the delivery has started is over. */
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
  test('cancels what was in flight when it happened, once, and when it is delivered again leaves the next alone', async () => {
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

  test('leaves alone, when it comes late, what has taken the place of what was in flight', async () => {
    const { fixture, now, deliver, deploy } = await begin();
    const event = now(happens);
    await fixture.pass(30);
    deploy();
    await deliver(event);
    expect(fixture.deployments).toEqual(['IN_PROGRESS', 'IN_PROGRESS']);
    expect(fixture.recorder.cancelled).toEqual([]);
  });

  test('cancels, when it comes late, what was in flight and still is', async () => {
    const { fixture, now, deliver } = await begin();
    const event = now(happens);
    await fixture.pass(600);
    await deliver(event);
    expect(fixture.deployments).toEqual(['CANCELLED']);
  });

  test('that is delivered twice at the same time cancels once', async () => {
    const { fixture, now, deliver } = await begin();
    const event = now(happens);
    fixture.emulator.events.publish(event);
    await deliver(event);
    expect(fixture.deployments).toEqual(['CANCELLED']);
    expect(fixture.recorder.cancelled).toHaveLength(1);
    expect(fixture.recorder.results.map(({ outcome }) => outcome)).toEqual(['CANCELLED', 'CANCELLED']);
  });
});
