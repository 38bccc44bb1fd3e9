import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import { evaluate, type PolicyDocument, type PolicyStatement } from '../../../emulator/aws/iam';
import { protonIamRequests } from '../../../emulator/services/proton/iam';
import { OPERATION_NAMES } from '../../../emulator/services/proton/model';
import { ProtonDeployment } from '../../../lib';
import { PROTON_KINDS, type ProtonKindName } from '../../../lib/deployments/proton/kinds';
import { resolved } from '../../helpers/template';

interface Kind {
  /** A deployment of the kind, with the same value for all names. */
  readonly named: (name: string) => ProtonDeployment;
  readonly names: readonly string[];
  readonly displayName: string;
  readonly actions: readonly string[];
  readonly resource: string;
}

const KIND_NAMES = Object.keys(PROTON_KINDS) as ProtonKindName[];
const KINDS: Readonly<Record<ProtonKindName, Kind>> = {
  'proton-service-instance': {
    named: (name) => ProtonDeployment.serviceInstance({ serviceName: name, serviceInstanceName: name }),
    names: ['serviceName', 'serviceInstanceName'],
    displayName: 'service instance web/web',
    actions: ['proton:CancelServiceInstanceDeployment', 'proton:GetServiceInstance'],
    resource: 'service/web/service-instance/web',
  },
  'proton-service-pipeline': {
    named: (serviceName) => ProtonDeployment.servicePipeline({ serviceName }),
    names: ['serviceName'],
    displayName: 'service pipeline web',
    actions: ['proton:CancelServicePipelineDeployment', 'proton:GetService'],
    resource: 'service/web',
  },
  'proton-environment': {
    named: (environmentName) => ProtonDeployment.environment({ environmentName }),
    names: ['environmentName'],
    displayName: 'environment web',
    actions: ['proton:CancelEnvironmentDeployment', 'proton:GetEnvironment'],
    resource: 'environment/web',
  },
  'proton-component': {
    named: (componentName) => ProtonDeployment.component({ componentName }),
    names: ['componentName'],
    displayName: 'component web',
    actions: ['proton:CancelComponentDeployment', 'proton:GetComponent'],
    resource: 'component/web',
  },
};

describe.each(KIND_NAMES)('a deployment of the kind %s', (kind) => {
  const { named, names, displayName, actions, resource } = KINDS[kind];

  test('has a contract with its kind and names', () => {
    expect(named('web')._toContract()).toEqual({
      kind,
      identifiers: Object.fromEntries(names.map((name) => [name, 'web'])),
    });
  });

  test('has a display name', () => {
    expect(named('web').displayName).toBe(displayName);
  });

  test('needs permission to cancel and read this resource, and to read deployments, in its account and region', () => {
    const stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'eu-west-1' } });
    const statements = named('web').policyStatements(stack);
    expect(statements.map((statement) => stack.resolve(statement.toStatementJson()))).toEqual([
      { Effect: 'Allow', Action: actions, Resource: arn(resource) },
      { Effect: 'Allow', Action: 'proton:GetDeployment', Resource: arn('deployment/*') },
    ]);
  });

  test('with an invalid name is rejected, with the name of the identifier', () => {
    expect(() => named('web*')).toThrow(
      expect.objectContaining({
        name: 'InvalidConfigurationError',
        message: expect.stringContaining(`${names[0]} must `),
      }),
    );
  });

  test('may have names that are tokens', () => {
    const { valueAsString } = new CfnParameter(new Stack(new App(), 'Stack'), 'Name');
    expect(() => named(valueAsString)).not.toThrow();
  });
});

/** Inputs with `web` for every member; a real call has some of these. */
const INPUT = {
  id: '43257bd4-03c8-48fa-ae25-238e569c3482',
  name: 'web',
  serviceName: 'web',
  serviceInstanceName: 'web',
  environmentName: 'web',
  componentName: 'web',
};

test.each(KIND_NAMES)('the permission to cancel the %s web allows no other call with the name web', (kind) => {
  const { named, actions } = KINDS[kind];
  const stack = new Stack(new App(), 'Stack');
  const statements = named('web').policyStatements(stack);
  const policy: PolicyDocument = {
    Statement: statements.map((statement) => resolved(stack.resolve(statement.toStatementJson())) as PolicyStatement),
  };
  const place = { partition: 'aws', region: 'us-east-1', account: '111122223333' };
  const allowed = OPERATION_NAMES.flatMap((operation) =>
    protonIamRequests({ service: 'proton', operation, input: INPUT }, place),
  ).filter((request) => evaluate([policy], request) === 'allowed');
  expect(allowed.map(({ action }) => action).sort()).toEqual([...actions, 'proton:GetDeployment'].sort());
});

const names = { serviceName: 'web', serviceInstanceName: 'web-prod' };

describe('the names of a service instance', () => {
  test.each(['a', '0', 'A-b_9', '9---', 'x'.repeat(100)])('%s is a name', (name) => {
    expect(() => ProtonDeployment.serviceInstance({ serviceName: name, serviceInstanceName: name })).not.toThrow();
  });

  const rule = "must start with a letter or digit and hold only letters, digits, '-' and '_', not";
  test.each([
    ['empty', '', 'must have 1 to 100 characters, not 0'],
    ['too long', 'x'.repeat(101), 'must have 1 to 100 characters, not 101'],
    ['starting with a hyphen', '-web', `${rule} '-web'`],
    ['starting with an underscore', '_web', `${rule} '_web'`],
    ['with a space', 'web prod', `${rule} 'web prod'`],
    ['with a dot', 'web.prod', `${rule} 'web.prod'`],
    ['with a slash', 'web/prod', `${rule} 'web/prod'`],
    ['with a wildcard', 'web*', `${rule} 'web*'`],
    ['with an umlaut', 'wéb', `${rule} 'wéb'`],
    ['with a line feed at the end', 'web\n', `${rule} 'web\n'`],
  ])('%s is rejected at construction, with the name of the identifier and the value', (_what, name, problem) => {
    expect(() => ProtonDeployment.serviceInstance({ ...names, serviceName: name })).toThrow(
      expect.objectContaining({ name: 'InvalidConfigurationError', message: `serviceName ${problem}` }),
    );
    expect(() => ProtonDeployment.serviceInstance({ ...names, serviceInstanceName: name })).toThrow(
      expect.objectContaining({ name: 'InvalidConfigurationError', message: `serviceInstanceName ${problem}` }),
    );
  });

  test('tokens are accepted, alone or in a string that would otherwise be rejected', () => {
    const { valueAsString } = new CfnParameter(new Stack(new App(), 'Stack'), 'Name');
    expect(() =>
      ProtonDeployment.serviceInstance({ serviceName: valueAsString, serviceInstanceName: `-${valueAsString}` }),
    ).not.toThrow();
  });
});

function arn(resource: string) {
  return { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:proton:eu-west-1:111122223333:${resource}`]] };
}
