import type { SynthesizedStack } from '../../../emulator/simulation/assembly';
import { DECLARABLE_KINDS } from '../../../lib/deployments/kinds';
import { cancellationStack, deployedAt, EmulatorFixture, stackOf } from '../emulator-fixture';
import { expectNoSecrets } from '../recorder';

const assembly = cancellationStack({ trigger: 'one' });
const stack = stackOf(assembly);

interface Properties {
  [name: string]: unknown;
  deployment: { [name: string]: unknown; identifiers: Record<string, unknown> };
  settings: Record<string, unknown>;
}

/** Invalid properties of a cancellation, and the reason of the failure. */
type Bad = readonly [what: string, spoil: (properties: Properties) => unknown, reason: string];

const kinds = DECLARABLE_KINDS.join(', ');
const version = "contractVersion must be '1', not";
const NAME = 'serviceInstanceName';

const setting =
  (...path: readonly string[]) =>
  (value: unknown) =>
  (properties: Properties) => {
    const last = path.at(-1) ?? '';
    const parent = path.slice(0, -1).reduce<Record<string, unknown>>((at, name) => at[name] as never, properties);
    // JSON creates an own property for any name.
    Object.defineProperty(parent, last, { value, enumerable: true, configurable: true, writable: true });
  };
const kind = setting('deployment', 'kind');
const name = setting('deployment', 'identifiers', NAME);
const timeout = setting('settings', 'timeoutSeconds');

const BAD: readonly Bad[] = [
  ['no contract version', (p) => delete p.contractVersion, `${version} missing`],
  ['an older contract version', setting('contractVersion')('0'), `${version} "0"`],
  ['a newer contract version', setting('contractVersion')('2'), `${version} "2"`],
  ['a contract version of another type', setting('contractVersion')(['1']), `${version} ["1"]`],
  [
    'no state machine',
    (p) => delete p.stateMachineArn,
    'stateMachineArn must be the arn of a state machine, not missing',
  ],
  [
    'a state machine that is none',
    setting('stateMachineArn')('arn:aws:s3:::bucket'),
    'stateMachineArn must be the arn of a',
  ],
  ['no deployment', (p) => delete (p as Partial<Properties>).deployment, 'deployment must be an object, not missing'],
  ['an empty deployment', setting('deployment')({}), 'deployment.kind must be one of'],
  ['a deployment that is a string', setting('deployment')('web'), 'deployment must be an object, not "web"'],
  ['a deployment that is a list', setting('deployment')(['web']), 'deployment must be an object, not ["web"]'],
  ['an unknown kind', kind('proton-cluster'), `deployment.kind must be one of ${kinds}`],
  ['an empty kind', kind(''), `deployment.kind must be one of ${kinds}`],
  ['a kind in other case', kind('Proton-Service-Instance'), `deployment.kind must be one of ${kinds}`],
  ['the kind __proto__', kind('__proto__'), `deployment.kind must be one of ${kinds}`],
  ['the kind constructor', kind('constructor'), `deployment.kind must be one of ${kinds}`],
  [
    'no identifiers',
    (p) => delete (p.deployment as Partial<Properties['deployment']>).identifiers,
    'deployment.identifiers must be an object',
  ],
  ['a name that is missing', (p) => delete p.deployment.identifiers[NAME], `${NAME} `],
  [
    'a name from the prototype',
    (p) => {
      delete p.deployment.identifiers[NAME];
      setting('deployment', 'identifiers', '__proto__')({ [NAME]: 'web-prod' })(p);
    },
    `${NAME} `,
  ],
  ['an empty name', name(''), `${NAME} `],
  ['a name that is too long', name('a'.repeat(101)), `${NAME} `],
  ['a name with a slash', name('web/prod'), `${NAME} `],
  ['a name with a wildcard', name('web-*'), `${NAME} `],
  ['a name in another alphabet', name('сайт'), `${NAME} `],
  ['a name with a line break', name('web-prod\n'), `${NAME} `],
  ['a name that is a list', name(['web-prod']), `${NAME} `],
  ['a name that is an object', name({ toString: 'web-prod' }), `${NAME} `],
  ['no settings', (p) => delete (p as Partial<Properties>).settings, 'settings must be an object, not missing'],
  [
    'no timeout',
    (p) => delete p.settings.timeoutSeconds,
    'settings.timeoutSeconds must be a whole number from 1 to 2700',
  ],
  ['a timeout of zero', timeout('0'), 'settings.timeoutSeconds must be a whole number from 1 to 2700, not "0"'],
  ['a timeout that is too long', timeout('2701'), 'settings.timeoutSeconds must be a whole number from 1 to 2700'],
  ['a timeout that is negative', timeout(-1), 'settings.timeoutSeconds must be a whole number from 1 to 2700'],
  ['a timeout with a fraction', timeout(1.5), 'settings.timeoutSeconds must be a whole number from 1 to 2700'],
  ['a timeout in scientific notation', timeout('1e3'), 'settings.timeoutSeconds must be a whole number from 1 to 2700'],
  ['a timeout of blanks', timeout(' '), 'settings.timeoutSeconds must be a whole number from 1 to 2700'],
  [
    'failOn that is a text',
    setting('settings', 'failOn')('CANCELLED'),
    'settings.failOn must be a list, not "CANCELLED"',
  ],
  ['failOn with an unknown outcome', setting('settings', 'failOn')(['TIMED_OUT']), 'settings.failOn must be one of'],
  ['failOn with hasOwnProperty', setting('settings', 'failOn')(['hasOwnProperty']), 'settings.failOn must be one of'],
  [
    'onNotFound with an unknown value',
    setting('settings', 'onNotFound')('ignore'),
    'settings.onNotFound must be one of',
  ],
  ['onNotFound with toString', setting('settings', 'onNotFound')('toString'), 'settings.onNotFound must be one of'],
  [
    'a flag that is neither',
    setting('settings', 'includeStatusMessage')('yes'),
    'settings.includeStatusMessage must be true or false',
  ],
  [
    'a flag that is a number',
    setting('settings', 'includeStatusMessage')(1),
    'settings.includeStatusMessage must be true or false',
  ],
  [
    'an endpoint of another protocol',
    setting('settings', 'endpoint')('file:///etc/passwd'),
    'settings.endpoint must be an http or https URL',
  ],
  [
    'an endpoint that is none',
    setting('settings', 'endpoint')('https://'),
    'settings.endpoint must be an http or https URL',
  ],
];

/** The stack with invalid properties of its cancellation, or of a second one. */
function spoilt(spoil: Bad[1], beside = false): SynthesizedStack {
  const template = structuredClone(stack.template) as {
    Resources: Record<string, { Type: string; Properties: Properties }>;
  };
  const [found] = Object.entries(template.Resources).filter(
    ([, { Type }]) => Type === 'Custom::DeploymentCancellation',
  );
  if (!found) throw new Error('there is no cancellation');
  const [id, cancellation] = found;
  const bad = structuredClone(cancellation);
  spoil(bad.Properties);
  bad.Properties.trigger = 'another';
  template.Resources[beside ? 'Another' : id] = bad;
  return { ...stack, template };
}

/** One stack for all cases, because none of them changes it. */
async function deployed(): Promise<EmulatorFixture> {
  const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2, 10) });
  expect(await fixture.create(stack)).toMatchObject({ status: 'CREATE_COMPLETE' });
  await fixture.pass(10 * 60);
  return fixture;
}

describe('10. invalid input fails a Create and an Update with the reason, calls nothing, and can be deleted', () => {
  test.each([
    ['a Create', true, 'CREATE_FAILED', ['Create', 'Delete']],
    ['an Update', false, 'UPDATE_FAILED', ['Update', 'Update']],
  ])('%s', async (_what, beside, failure, asked) => {
    const fixture = await deployed();
    const { recorder, emulator } = fixture;
    const calls = recorder.callsOf('proton').length;
    for (const [what, spoil, reason] of BAD) {
      const [events, requests] = [recorder.events.length, recorder.requests.length];
      const { status } = await fixture.update(spoilt(spoil, beside));
      const said = recorder.events.slice(events).find((event) => event.status === failure)?.statusReason;
      expect([what, status, said]).toEqual([
        what,
        'UPDATE_ROLLBACK_COMPLETE',
        expect.stringContaining(`Message returned: nothing was cancelled: ${reason}`),
      ]);
      // The requests of the rollback succeed.
      expect(recorder.requests.slice(requests).map(({ RequestType }) => RequestType)).toEqual(asked);
    }
    expect(emulator.stepFunctions.executions).toHaveLength(1);
    expect(recorder.callsOf('proton')).toHaveLength(calls);
    expect(fixture.deployments).toEqual(['CANCELLED', 'IN_PROGRESS']);
    expect(await fixture.delete()).toMatchObject({ status: 'DELETE_COMPLETE' });
    expectNoSecrets(recorder);
  });

  test.each<[string, unknown, string]>([
    ['nothing', {}, "contractVersion must be '1', not missing"],
    ['a newer contract version', { contractVersion: '9' }, `contractVersion must be '1', not "9"`],
    ['no deployment', { contractVersion: '1' }, 'deployment must be an object, not missing'],
    [
      'the identifiers of a prototype',
      { contractVersion: '1', deployment: { kind: 'toString' } },
      'deployment.kind must be one of',
    ],
  ])('an execution with the input %s', async (_what, input, reason) => {
    const fixture = await deployed();
    const { stepFunctions } = fixture.emulator;
    const calls = fixture.recorder.callsOf('proton').length;
    const { stateMachineArn = '' } = stepFunctions.executions[0] ?? {};
    const execution = stepFunctions.startExecution({ stateMachineArn, input: JSON.stringify(input) });
    await fixture.pass(60);
    expect([execution.status, execution.error]).toEqual(['FAILED', 'ERROR']);
    expect(execution.cause).toContain(reason);
    expect(fixture.recorder.callsOf('proton')).toHaveLength(calls);
    expectNoSecrets(fixture.recorder);
  });

  test('numbers and booleans that CloudFormation passes as strings are parsed', async () => {
    const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2) });
    expect(await fixture.create(stack)).toMatchObject({ status: 'CREATE_COMPLETE' });
    const [request] = fixture.recorder.requests;
    expect(request?.ResourceProperties.settings).toMatchObject({
      timeoutSeconds: '1800',
      includeStatusMessage: 'false',
    });
    expect(JSON.parse(fixture.emulator.stepFunctions.executions[0]?.input ?? '')).toMatchObject({
      settings: { timeoutSeconds: 1800, includeStatusMessage: false },
    });
    expectNoSecrets(fixture.recorder);
  });
});
