import { parseArguments } from '../../cli/arguments';
import { EXIT_CODES } from '../../cli/exit-code';
import { COMMON_FLAGS, commandOf, DEPLOYMENT_ID, flagsOfKind } from '../../cli/flags';
import { USAGE } from '../../cli/usage';
import { TIMEOUT_SECONDS } from '../../lib/contract/cancellation';
import { DEPLOYMENT_KINDS } from '../../lib/deployments/kinds';
import { argumentsFor } from './run-cli';

const parse = (text: string) => parseArguments(text.split(' ').filter((word) => word !== ''));
const parsed = (text: string) => {
  const invocation = parse(text);
  if (typeof invocation === 'string') throw new Error(`is ${invocation}`);
  return invocation;
};

test('an invocation with all that it takes', () => {
  const flags = [
    '--cluster prod --service web --deployment-id abc --timeout 20m --poll-interval 3s',
    '--fail-on CANCELLED,COMPLETED_FIRST --fail-on SUPERSEDED --on-not-found succeed --include-status-message',
    '--ignore-started-before 2026-10-01T12:00:00Z --region eu-west-1 --profile ops --endpoint-url http://localhost:1',
    '--dry-run --json -y',
  ];
  expect(parsed(`ecs ${flags.join(' ')}`)).toEqual({
    request: {
      contractVersion: '1',
      deployment: { kind: 'ecs-service-deployment', identifiers: { clusterName: 'prod', serviceName: 'web' } },
      settings: {
        timeoutSeconds: 1200,
        pollIntervalSeconds: 3,
        failOn: ['CANCELLED', 'COMPLETED_FIRST', 'SUPERSEDED'],
        onNotFound: 'succeed',
        includeStatusMessage: true,
        endpoint: 'http://localhost:1',
      },
      ignoreStartedBefore: '2026-10-01T12:00:00Z',
    },
    deploymentId: 'abc',
    region: 'eu-west-1',
    profile: 'ops',
    dryRun: true,
    json: true,
    yes: true,
  });
});

test.each(DEPLOYMENT_KINDS)('%s: its flags and its name address a deployment, with the defaults', (kind) => {
  const [command, ...flags] = argumentsFor(kind);
  for (const name of [command, kind]) {
    const { request, ...others } = parsed([name, ...flags].join(' '));
    expect(request.deployment.kind).toBe(kind);
    expect(Object.values(request.deployment.identifiers)).toEqual(flags.filter((flag) => !flag.startsWith('--')));
    expect(request.settings).toEqual({
      timeoutSeconds: TIMEOUT_SECONDS.default,
      failOn: [],
      onNotFound: 'fail',
      includeStatusMessage: false,
    });
    expect(others).toMatchObject({ dryRun: false, json: false, yes: false });
  }
});

test.each([
  ['stack web-prod', { stackName: 'web-prod' }],
  ['--dry-run stack web-prod', { stackName: 'web-prod' }],
  ['pipeline release', { pipelineName: 'release' }],
  ['codedeploy --deployment-id d-ABCDEF123', { deploymentId: 'd-ABCDEF123' }],
  ['codedeploy --application shop --deployment-group web', { applicationName: 'shop', deploymentGroupName: 'web' }],
])('%s', (text, identifiers) => {
  const { request, deploymentId } = parsed(text);
  expect(request.deployment.identifiers).toEqual(identifiers);
  expect(deploymentId).toBeUndefined();
});

test('an option of a kind is a flag', () => {
  expect(parsed('pipeline release').request.deployment.options).toEqual({ abandon: false });
  expect(parsed('pipeline release --abandon').request.deployment.options).toEqual({ abandon: true });
  const later = { abandon: false, abandonAfterSeconds: 300 };
  expect(parsed('pipeline release --abandon-after 5m').request.deployment.options).toEqual(later);
});

test('options that are a choice or a list are flags with a value', () => {
  const optionsOf = (flags: string) => parsed(`stack web ${flags}`).request.deployment.options;
  expect(optionsOf('')).toEqual({ onRollbackFailed: 'fail', resourcesToSkip: [], deleteOnCreate: false });
  expect(optionsOf('--on-rollback-failed continue --resources-to-skip A,B --resources-to-skip C.D')).toEqual({
    onRollbackFailed: 'continue',
    resourcesToSkip: ['A', 'B', 'C.D'],
    deleteOnCreate: false,
  });
  expect(optionsOf('--delete-on-create')).toMatchObject({ deleteOnCreate: true });
});

test.each([
  ['', 'help'],
  ['--help', 'help'],
  ['ecs -h', 'help'],
  ['ecs --unknown --help', 'help'],
  ['--version', 'version'],
])('%j asks for %s', (text, expected) => {
  expect(parse(text)).toBe(expected);
});

test.each([
  ['--json', 'name what to cancel: one of ecs, stack, '],
  ['ec2', "'ec2' is not a kind of deployment: use one of ecs, stack, "],
  ['ecs', 'ecs needs --service-deployment-arn, or --cluster and --service'],
  ['ecs --cluster prod', 'ecs needs --service-deployment-arn, or --cluster and --service'],
  ['ecs prod', "'prod' has no flag: ecs needs --service-deployment-arn, or --cluster and --service"],
  ['stack a --on-rollback-failed retry', '--on-rollback-failed must be one of fail, continue, not "retry"'],
  ['stack a --resources-to-skip A', '--resources-to-skip takes effect only with --on-rollback-failed continue'],
  ['stack a --on-rollback-failed continue --resources-to-skip A,*', '--resources-to-skip must be the logical ID of a'],
  ['stack a b', "'b' has no flag: stack needs --stack"],
  ['stack a --stack b', "'a' has no flag: stack needs --stack"],
  ['ecs --cluster prod --service web --stack a', "Unknown option '--stack'; try --help"],
  ['ecs --cluster', "Option '--cluster <value>' argument missing; try --help"],
  ['ecs --cluster a/b --service web', "--cluster must be a name that holds only letters, digits, '-' and '_'"],
  [
    'codedeploy --application shop --deployment-group web --deployment-id d-ABCDEF123',
    '--application means nothing beside --deployment-id: leave one of them out',
  ],
  ['stack a --deployment-id ../b', "--deployment-id must be the ID of a deployment, not '../b'"],
  ['stack a --timeout 25h', "--timeout must be from 1s to 24h, such as 90s or 30m, not '25h'"],
  ['stack a --timeout 90', "--timeout must be from 1s to 24h, such as 90s or 30m, not '90'"],
  ['pipeline a --abandon-after 0s', '--abandon-after must be from 1s to '],
  ['pipeline a --abandon-after soon', '--abandon-after must be from 1s to '],
  ['pipeline a --abandon --abandon-after 5m', '--abandon-after takes effect only without --abandon'],
  [
    'pipeline a --abandon-after 10m --timeout 5m',
    '--abandon-after must be less than the timeout, 300 seconds, not 600 seconds',
  ],
  ['stack a --abandon-after 5m', "Unknown option '--abandon-after'; try --help"],
  ['stack a --poll-interval 0s', "--poll-interval must be from 1s to 5m, such as 90s or 30m, not '0s'"],
  ['stack a --endpoint-url localhost', '--endpoint-url must be an http or https URL, not "localhost"'],
  ['stack a --fail-on DONE', '--fail-on must be one of CANCELLED, COMPLETED_FIRST,'],
  ['stack a --on-not-found ignore', '--on-not-found must be one of fail, succeed, not "ignore"'],
  ['stack a --ignore-started-before noon', '--ignore-started-before must be a time such as 2026-10-01T12:00:00Z'],
])('%j is not valid: %s', (text, message) => {
  expect(() => parse(text)).toThrow(expect.objectContaining({ name: 'UsageError' }));
  expect(() => parse(text)).toThrow(message);
});

test('no flag of a kind hides a common one, but for the ID of a deployment', () => {
  for (const kind of DEPLOYMENT_KINDS) {
    const hidden = Object.keys(flagsOfKind(kind)).filter((flag) => Object.hasOwn(COMMON_FLAGS, flag));
    expect(hidden.filter((flag) => flag !== DEPLOYMENT_ID)).toEqual([]);
  }
});

test('a flag has the same type for every kind that has it', () => {
  const types = new Map<string, string>();
  for (const [flag, { type }] of DEPLOYMENT_KINDS.flatMap((kind) => Object.entries(flagsOfKind(kind)))) {
    expect(types.get(flag) ?? type).toBe(type);
    types.set(flag, type);
  }
});

test('each kind has a name of its own on the command line', () => {
  const commands = DEPLOYMENT_KINDS.map(commandOf);
  expect(new Set([...commands, ...DEPLOYMENT_KINDS]).size).toBe(
    DEPLOYMENT_KINDS.length + commands.filter((command, index) => command !== DEPLOYMENT_KINDS[index]).length,
  );
});

test('the help names every kind, flag and exit code', () => {
  for (const kind of DEPLOYMENT_KINDS) {
    expect(USAGE).toMatch(new RegExp(`^  ${commandOf(kind)} `, 'm'));
    for (const flag of Object.keys(flagsOfKind(kind))) expect(USAGE).toContain(`--${flag}`);
  }
  for (const flag of Object.keys(COMMON_FLAGS)) expect(USAGE).toContain(`--${flag}`);
  for (const { code, meaning } of EXIT_CODES) expect(USAGE).toMatch(new RegExp(`^  ${code} +${meaning}$`, 'm'));
});
