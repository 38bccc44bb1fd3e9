import type { SynthesisedStack } from '../../../emulator/simulation/assembly';
import { Bench, cancellationStack, deployedAt, stackOf } from '../cloud-fixture';
import { expectDiscretion } from '../recorder';

const assembly = cancellationStack({ trigger: 'one' });
const stack = stackOf(assembly);

interface Properties {
  [name: string]: unknown;
  deployment: { [name: string]: unknown; names: Record<string, unknown> };
  policy: Record<string, unknown>;
}

/** What is wrong with the properties of a cancellation, and what is said about it. */
type Bad = readonly [what: string, spoil: (properties: Properties) => unknown, reason: string];

const kinds = 'proton-service-instance, proton-service-pipeline, proton-environment, proton-component';
const version = "contractVersion must be '1', not";
const NAME = 'serviceInstanceName';

const setting =
  (...path: readonly string[]) =>
  (value: unknown) =>
  (properties: Properties) => {
    const last = path.at(-1) ?? '';
    const parent = path.slice(0, -1).reduce<Record<string, unknown>>((at, name) => at[name] as never, properties);
    // As JSON has it: an own property, whatever its name.
    Object.defineProperty(parent, last, { value, enumerable: true, configurable: true, writable: true });
  };
const kind = setting('deployment', 'kind');
const name = setting('deployment', 'names', NAME);
const timeout = setting('policy', 'timeoutSeconds');

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
  ['a deployment that is a text', setting('deployment')('web'), 'deployment must be an object, not "web"'],
  ['a deployment that is a list', setting('deployment')(['web']), 'deployment must be an object, not ["web"]'],
  ['an unknown kind', kind('proton-cluster'), `deployment.kind must be one of ${kinds}`],
  ['an empty kind', kind(''), `deployment.kind must be one of ${kinds}`],
  ['a kind in other letters', kind('Proton-Service-Instance'), `deployment.kind must be one of ${kinds}`],
  ['the kind __proto__', kind('__proto__'), `deployment.kind must be one of ${kinds}`],
  ['the kind constructor', kind('constructor'), `deployment.kind must be one of ${kinds}`],
  [
    'no names',
    (p) => delete (p.deployment as Partial<Properties['deployment']>).names,
    'deployment.names must be an object',
  ],
  ['a name that is missing', (p) => delete p.deployment.names[NAME], `${NAME} `],
  [
    'a name from the prototype',
    (p) => {
      delete p.deployment.names[NAME];
      setting('deployment', 'names', '__proto__')({ [NAME]: 'web-prod' })(p);
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
  ['no policy', (p) => delete (p as Partial<Properties>).policy, 'policy must be an object, not missing'],
  ['no timeout', (p) => delete p.policy.timeoutSeconds, 'policy.timeoutSeconds must be a whole number from 1 to 2700'],
  ['a timeout of zero', timeout('0'), 'policy.timeoutSeconds must be a whole number from 1 to 2700, not "0"'],
  ['a timeout that is too long', timeout('2701'), 'policy.timeoutSeconds must be a whole number from 1 to 2700'],
  ['a timeout that is negative', timeout(-1), 'policy.timeoutSeconds must be a whole number from 1 to 2700'],
  ['a timeout with a fraction', timeout(1.5), 'policy.timeoutSeconds must be a whole number from 1 to 2700'],
  ['a timeout in other digits', timeout('1e3'), 'policy.timeoutSeconds must be a whole number from 1 to 2700'],
  ['a timeout of nothing but blanks', timeout(' '), 'policy.timeoutSeconds must be a whole number from 1 to 2700'],
  ['failOn that is a text', setting('policy', 'failOn')('CANCELLED'), 'policy.failOn must be a list, not "CANCELLED"'],
  ['failOn with a stranger', setting('policy', 'failOn')(['TIMED_OUT']), 'policy.failOn must be one of'],
  ['failOn with hasOwnProperty', setting('policy', 'failOn')(['hasOwnProperty']), 'policy.failOn must be one of'],
  ['onNotFound that is a stranger', setting('policy', 'onNotFound')('ignore'), 'policy.onNotFound must be one of'],
  ['onNotFound that is toString', setting('policy', 'onNotFound')('toString'), 'policy.onNotFound must be one of'],
  [
    'a flag that is neither',
    setting('policy', 'includeStatusMessage')('yes'),
    'policy.includeStatusMessage must be true or false',
  ],
  [
    'a flag that is a number',
    setting('policy', 'includeStatusMessage')(1),
    'policy.includeStatusMessage must be true or false',
  ],
  [
    'an endpoint of another protocol',
    setting('policy', 'endpoint')('file:///etc/passwd'),
    'policy.endpoint must be an http or https URL',
  ],
  [
    'an endpoint that is none',
    setting('policy', 'endpoint')('https://'),
    'policy.endpoint must be an http or https URL',
  ],
];

/** The stack with a cancellation whose properties are spoilt: the one that it has, or, beside it, another one. */
function spoilt(spoil: Bad[1], beside = false): SynthesisedStack {
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

/** One stack for all, since nothing comes of any of them. */
async function deployed(): Promise<Bench> {
  const bench = await Bench.start({ assembly, seed: deployedAt(-2, 10) });
  expect(await bench.create(stack)).toMatchObject({ status: 'CREATE_COMPLETE' });
  await bench.pass(10 * 60);
  return bench;
}

describe('10. bad input of every kind fails a Create and an Update with what is wrong, calls nothing, and deletes well', () => {
  test.each([
    ['a Create', true, 'CREATE_FAILED', ['Create', 'Delete']],
    ['an Update', false, 'UPDATE_FAILED', ['Update', 'Update']],
  ])('%s', async (_what, beside, failure, asked) => {
    const bench = await deployed();
    const { witness, cloud } = bench;
    const calls = witness.callsOf('proton').length;
    for (const [what, spoil, reason] of BAD) {
      const [events, requests] = [witness.events.length, witness.requests.length];
      const { status } = await bench.update(spoilt(spoil, beside));
      const said = witness.events.slice(events).find((event) => event.status === failure)?.statusReason;
      expect([what, status, said]).toEqual([
        what,
        'UPDATE_ROLLBACK_COMPLETE',
        expect.stringContaining(`Message returned: nothing was cancelled: ${reason}`),
      ]);
      // What CloudFormation asks to undo it is answered with success, or the stack would not be where it was.
      expect(witness.requests.slice(requests).map(({ RequestType }) => RequestType)).toEqual(asked);
    }
    expect(cloud.stepFunctions.executions).toHaveLength(1);
    expect(witness.callsOf('proton')).toHaveLength(calls);
    expect(bench.deployments).toEqual(['CANCELLED', 'IN_PROGRESS']);
    expect(await bench.delete()).toMatchObject({ status: 'DELETE_COMPLETE' });
    expectDiscretion(witness);
  });

  test.each<[string, unknown, string]>([
    ['nothing', {}, "contractVersion must be '1', not missing"],
    ['a newer contract version', { contractVersion: '9' }, `contractVersion must be '1', not "9"`],
    ['no deployment', { contractVersion: '1' }, 'deployment must be an object, not missing'],
    [
      'the names of a prototype',
      { contractVersion: '1', deployment: { kind: 'toString' } },
      'deployment.kind must be one of',
    ],
  ])('an execution that somebody starts with %s', async (_what, input, reason) => {
    const bench = await deployed();
    const { stepFunctions } = bench.cloud;
    const calls = bench.witness.callsOf('proton').length;
    const { stateMachineArn = '' } = stepFunctions.executions[0] ?? {};
    const execution = stepFunctions.startExecution({ stateMachineArn, input: JSON.stringify(input) });
    await bench.pass(60);
    expect([execution.status, execution.error]).toEqual(['FAILED', 'ERROR']);
    expect(execution.cause).toContain(reason);
    expect(bench.witness.callsOf('proton')).toHaveLength(calls);
    expectDiscretion(bench.witness);
  });

  test('numbers and booleans that CloudFormation hands over as texts are what they were', async () => {
    const bench = await Bench.start({ assembly, seed: deployedAt(-2) });
    expect(await bench.create(stack)).toMatchObject({ status: 'CREATE_COMPLETE' });
    const [request] = bench.witness.requests;
    expect(request?.ResourceProperties.policy).toMatchObject({ timeoutSeconds: '1800', includeStatusMessage: 'false' });
    expect(JSON.parse(bench.cloud.stepFunctions.executions[0]?.input ?? '')).toMatchObject({
      policy: { timeoutSeconds: 1800, includeStatusMessage: false },
    });
    expectDiscretion(bench.witness);
  });
});
