import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LIST, options, USAGE } from '../../bin/options';
import { UsageError } from '../../bin/usage-error';
import { allScenarios } from '../../emulator/simulation/find-scenario';
import { DEPLOYMENT_KINDS, kindDefinition } from '../../lib/deployments/kinds';

test.each<[string[], RegExp]>([
  [['--scenario', 'nope'], /^--scenario 'nope' is not known; there are cancelled, .*timeout.*$/],
  [
    ['--json', '-c', 'serviceName=we.b'],
    /^serviceName must be a name that holds only letters, digits, '-' and '_', not 'we.b'$/,
  ],
  [['-c', 'serviceName='], /^context serviceName must be a non-empty string, not "": pass -c serviceName=…$/],
  [
    ['-c', 'servicName=shop'],
    /^-c servicName has no effect on the scenario cancelled, which takes serviceDeploymentArn, clusterName, serviceName, trigger$/,
  ],
  [
    ['-c', 'componentName=shop'],
    /^-c componentName has no effect on the scenario cancelled, which takes serviceDeploymentArn, clusterName, /,
  ],
  [
    ['--scenario', 'rollback-of-create', '-c', 'serviceName=shop'],
    /^-c serviceName has no effect on the scenario rollback-of-create, which takes none$/,
  ],
  [['--scenario', 'fleet', '-c', 'trigger=1'], /^-c trigger has no effect on the scenario fleet, which takes none$/],
  [
    ['--scenario', 'examples/rollback-by-hand', '-c', 'serviceName=shop'],
    /^-c serviceName has no effect on the scenario examples\/rollback-by-hand, which takes incident, taskDefinition$/,
  ],
  [['-c', 'serviceName'], /^-c must be NAME=VALUE, not 'serviceName'$/],
  [['--proton-endpoint', 'proton.example'], /^--proton-endpoint must be an http or https URL, not 'proton.example'$/],
  [['--report', tmpdir()], /^--report cannot write \S+: it is a directory$/],
  [['--report', join(__dirname, 'nowhere/report.html')], /^--report cannot write \S+nowhere\/report.html: .*ENOENT/],
  [
    ['--scenario', 'codepipeline-execution/cancelled', '-c', 'abandon=yes'],
    /^context abandon must be true or false, not 'yes': pass -c abandon=true$/,
  ],
  [
    ['--scenario', 'codepipeline-execution/cancelled', '-c', 'abandonAfterSeconds=5m'],
    /^context abandonAfterSeconds must be a whole number of seconds, not '5m': pass -c abandonAfterSeconds=300$/,
  ],
  [
    ['-c', 'kind=proton-environment'],
    /^the kind is a part of the scenario: use --scenario KIND\/NAME, such as proton-environment\/cancelled, not -c kind=proton-environment$/,
  ],
  [['--nope'], /Unknown option '--nope'/],
])('%j is rejected', (args, message) => {
  expect(() => options(args)).toThrow(UsageError);
  expect(() => options(args)).toThrow(message);
});

test('the default scenario is cancelled, of the default kind', () => {
  expect(options([])).toMatchObject({
    name: 'cancelled',
    chosen: { kind: 'ecs-service-deployment' },
    json: false,
    realtime: false,
    context: {},
    report: undefined,
  });
});

test('the values of -c are the context of the app', () => {
  const args = ['--scenario', 'proton-environment/superseded', '-c', 'environmentName=staging', '-c', 'trigger=a=b'];
  expect(options(args)).toMatchObject({
    name: 'proton-environment/superseded',
    chosen: { kind: 'proton-environment' },
    context: { environmentName: 'staging', trigger: 'a=b' },
  });
});

test('the usage names every kind of context', () => {
  const names = DEPLOYMENT_KINDS.flatMap((kind) => {
    const { identifiers, options: own = {} } = kindDefinition(kind);
    return [...Object.keys(identifiers), ...Object.keys(own)];
  });
  for (const name of [...names, 'trigger']) expect(USAGE).toMatch(new RegExp(`\\b${name}\\b`));
});

test('the list has a line for every scenario of every kind', () => {
  const listed = LIST.map((line) => line.split(/ {2,}/));
  for (const name of allScenarios()) expect(listed).toContainEqual([name, expect.stringMatching(/\w/)]);
});
