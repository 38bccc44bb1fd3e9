import { App, Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  CancellationOutcome,
  CancelOnRollback,
  DeploymentCancellation,
  DeploymentFleet,
  FleetCancellation,
} from '../../../lib';
import { TERMINAL_OUTCOMES } from '../../../lib/contract/cancellation';
import { type CancellationOptions, renderSettings } from '../../../lib/workflow/cancellation-options';
import { deployment } from '../../helpers/pipeline-fixtures';

/** Renders options that the compiler would reject, as JavaScript passes them. */
const render = (options: object) => renderSettings(options as CancellationOptions, new Stack(new App(), 'Stack'));

const DURATION = 'must be a literal duration of whole seconds from 1 second to';

test.each([
  ['timeout', 60, `${DURATION} 45 minutes, not 60: use Duration, such as Duration.minutes(5)`],
  ['timeout', '5m', `${DURATION} 45 minutes, not '5m': use Duration, such as Duration.minutes(5)`],
  ['timeout', Duration.millis(1500), `${DURATION} 45 minutes, not 1 second 500 millis`],
  ['timeout', Duration.seconds(Lazy.number({ produce: () => 1 })), `${DURATION} 45 minutes, not a token`],
  ['pollInterval', 0, `${DURATION} 5 minutes, not 0: use Duration, such as Duration.minutes(5)`],
  ['pollInterval', Duration.minutes(6), `${DURATION} 5 minutes, not 6 minutes`],
  ['onNotFound', 'ignore', "must be fail or succeed, not 'ignore'"],
  ['includeStatusMessage', 'yes', "must be true or false, not 'yes'"],
  ['endpoint', {}, 'must be an http or https URL, not {}'],
  ['failOn', 'CANCELLED', `must be a list of ${TERMINAL_OUTCOMES.join(', ')}, not 'CANCELLED'`],
])('%s: %p is rejected', (name, value, problem) => {
  expect(() => render({ [name]: value })).toThrow(`${name} ${problem} (at Stack)`);
});

test.each([
  [CancellationOutcome.NOT_FOUND, 'is a failure by default: use onNotFound to decide'],
  [CancellationOutcome.TIMED_OUT, 'is always a failure'],
  [CancellationOutcome.REFUSED, 'is always a failure'],
  [CancellationOutcome.ACCESS_DENIED, 'is always a failure'],
  [CancellationOutcome.UNAVAILABLE, 'is always a failure'],
  [CancellationOutcome.ERROR, 'is always a failure'],
  [CancellationOutcome.SKIPPED, 'is never a failure, because the deployment was not to be cancelled'],
  [CancellationOutcome.NOT_ATTEMPTED, 'is never a failure, because it would make the rollback of the stack fail'],
  [CancellationOutcome.ARMED, 'is never a failure, because it means that a guard is armed'],
])('failOn cannot contain %s, which %s', (outcome, reason) => {
  expect(() => render({ failOn: [CancellationOutcome.CANCELLED, outcome] })).toThrow(
    `failOn cannot contain ${outcome}, which ${reason} (at Stack)`,
  );
});

test('failOn contains any of the outcomes whose end is known, and nothing that is no outcome', () => {
  expect(render({ failOn: [...TERMINAL_OUTCOMES] }).failOn).toEqual(TERMINAL_OUTCOMES);
  expect(render({}).failOn).toEqual([]);
  for (const wrong of ['cancelled', undefined, {}, 1]) {
    expect(() => render({ failOn: [wrong] })).toThrow(`failOn must contain only ${TERMINAL_OUTCOMES.join(', ')}, not `);
  }
});

test('every outcome is either allowed in failOn or has a reason', () => {
  const rejected = Object.values(CancellationOutcome).filter((outcome) => {
    try {
      return render({ failOn: [outcome] }) === undefined;
    } catch {
      return true;
    }
  });
  expect([...TERMINAL_OUTCOMES, ...rejected].sort()).toEqual(Object.values(CancellationOutcome).sort());
});

test('pollInterval is at most the timeout', () => {
  const timeout = Duration.seconds(10);
  expect(render({ timeout, pollInterval: timeout }).pollIntervalSeconds).toBe(10);
  expect(() => render({ timeout, pollInterval: Duration.seconds(11) })).toThrow(
    'pollInterval must be at most the timeout, 10 seconds, not 11 seconds (at Stack)',
  );
});

test.each<[string, (stack: Stack, pollInterval: Duration) => unknown]>([
  ['a cancellation', (stack, pollInterval) => new DeploymentCancellation(stack, 'It', { deployment, pollInterval })],
  ['a guard', (stack, pollInterval) => new CancelOnRollback(stack, 'It', { deployment, pollInterval })],
  [
    'a fleet',
    (stack, pollInterval) => {
      const fleet = DeploymentFleet.fromDeployments([deployment]);
      return new FleetCancellation(stack, 'It', { fleet, pollInterval });
    },
  ],
])('%s takes a pollInterval', (_what, declare) => {
  const stack = new Stack(new App(), 'Stack');
  declare(stack, Duration.seconds(20));
  const resources: Record<string, { Properties: { settings?: object } }> = Template.fromStack(stack).toJSON().Resources;
  const settings = Object.values(resources).flatMap(({ Properties }) => Properties.settings ?? []);
  expect(settings).toEqual([expect.objectContaining({ pollIntervalSeconds: 20 })]);
});
