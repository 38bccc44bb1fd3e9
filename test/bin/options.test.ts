import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { options, UsageError } from '../../bin/options';

test.each<[string[], RegExp]>([
  [['--scenario', 'nope'], /^--scenario 'nope' is not known; there are cancelled, .*timeout.*$/],
  [
    ['--json', '-c', 'serviceName=-web'],
    /^serviceName must start with a letter or digit and hold only letters, digits, '-' and '_', not '-web'$/,
  ],
  [['-c', 'serviceName='], /^context serviceName must be a text, not "": give it as -c serviceName=…$/],
  [
    ['-c', 'servicName=shop'],
    /^-c servicName means nothing to the scenario cancelled, which takes serviceName, serviceInstanceName, trigger$/,
  ],
  [
    ['-c', 'componentName=shop'],
    /^-c componentName means nothing to the scenario cancelled, which takes serviceName, /,
  ],
  [
    ['--scenario', 'rollback-of-create', '-c', 'serviceName=shop'],
    /^-c serviceName means nothing to the scenario rollback-of-create, which takes none$/,
  ],
  [['--scenario', 'fleet', '-c', 'trigger=1'], /^-c trigger means nothing to the scenario fleet, which takes none$/],
  [
    ['--scenario', 'examples/rollback-by-hand', '-c', 'serviceName=shop'],
    /^-c serviceName means nothing to the scenario examples\/rollback-by-hand, which takes incident, previousMinorVersion$/,
  ],
  [['-c', 'serviceName'], /^-c must be NAME=VALUE, not 'serviceName'$/],
  [['--proton-endpoint', 'proton.example'], /^--proton-endpoint must be an http or https URL, not 'proton.example'$/],
  [['--report', tmpdir()], /^--report cannot write \S+: it is a directory$/],
  [['--report', join(__dirname, 'nowhere/report.html')], /^--report cannot write \S+nowhere\/report.html: .*ENOENT/],
  [['--nope'], /Unknown option '--nope'/],
])('%j cannot be used', (args, message) => {
  expect(() => options(args)).toThrow(UsageError);
  expect(() => options(args)).toThrow(message);
});

test('nothing said is the scenario cancelled', () => {
  expect(options([])).toMatchObject({
    name: 'cancelled',
    json: false,
    realtime: false,
    context: {},
    report: undefined,
  });
});

test('what is said with -c is the context of the app', () => {
  const args = ['--scenario', 'environment/superseded', '-c', 'environmentName=staging', '-c', 'trigger=a=b'];
  expect(options(args)).toMatchObject({
    name: 'environment/superseded',
    chosen: { kind: 'environment' },
    context: { environmentName: 'staging', trigger: 'a=b' },
  });
});
