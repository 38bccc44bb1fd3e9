import { CfnOutput, CfnParameter, type Stack } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { CancellationWorkflow, CancelOnRollback, DeploymentCancellation, ProtonDeployment } from '../../../lib/index';
import { idsOf, permissionsOf, recommendedFlags, type SynthesisProps, synthesize } from '../../helpers/template';

const ROLE = 'DeploymentCancellationWorkflowDeploymentRole75619BCC';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const QUOTAS = { inline: 10_240, managed: 6_144, managedPolicies: 10 };

/** The longest values of the pseudo parameters. */
const LONG: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws-us-gov',
  'AWS::Region': 'ap-northeast-1',
  'AWS::AccountId': '111122223333',
};

/** The size of a policy after deployment. */
function sizeOf(policyDocument: unknown): number {
  const text = JSON.stringify(policyDocument, (_key, value) => {
    const join = value?.['Fn::Join'] as [string, unknown[]] | undefined;
    if (!join) return value;
    const known = (part: unknown) => (typeof part === 'string' ? part : LONG[(part as { Ref: string }).Ref]);
    return join[1].map((part) => known(part) ?? 'x'.repeat(100)).join(join[0]);
  });
  return text.length;
}

/** The sizes of the policies of the deployment function's role. */
function sizesOf(template: Template) {
  const ofRole = (type: string) =>
    Object.values(template.findResources(type))
      .filter(({ Properties }) => Properties.Roles?.[0]?.Ref === ROLE)
      .map(({ Properties }) => sizeOf(Properties.PolicyDocument));
  const own = template.findResources('AWS::IAM::Role')[ROLE]?.Properties.Policies as { PolicyDocument: unknown }[];
  return {
    inline: [...own.map(({ PolicyDocument }) => sizeOf(PolicyDocument)), ...ofRole('AWS::IAM::Policy')],
    managed: ofRole('AWS::IAM::ManagedPolicy'),
  };
}

function expectLegal(template: Template): void {
  const { inline, managed } = sizesOf(template);
  expect(inline.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(QUOTAS.inline);
  expect(managed.length).toBeLessThanOrEqual(QUOTAS.managedPolicies);
  for (const size of managed) expect(size).toBeLessThanOrEqual(QUOTAS.managed);
}

const instance = (index: number, length = 12) =>
  ProtonDeployment.serviceInstance({
    serviceName: `service-${index}`.padEnd(length, 'x'),
    serviceInstanceName: `instance-${index}`.padEnd(length, 'x'),
  });

const cancel = (count: number, length?: number) => (stack: Stack) => {
  for (let index = 0; index < count; index++) {
    new DeploymentCancellation(stack, `Cancel${index}`, { deployment: instance(index, length), output: false });
  }
};

const guard = (count: number) => (stack: Stack) => {
  for (let index = 0; index < count; index++) {
    new CancelOnRollback(stack, `Guard${index}`, { deployment: instance(index), trigger: '1' });
  }
};

const APPS: [string, SynthesisProps][] = [
  ['an app without feature flags', {}],
  ['an app with all recommended feature flags', { context: recommendedFlags() }],
];

describe.each(APPS)('in %s, four hundred cancellations', (_app, props) => {
  const template = synthesize(cancel(400), props);

  test('keep the quotas of IAM, in every partition and region', () => {
    expectLegal(template);
    expect(Object.keys(template.toJSON().Resources).length).toBeLessThanOrEqual(430);
  });

  test('allow cancelling and reading their deployments, and nothing else', () => {
    const permissions = permissionsOf(template, ROLE).filter((permission) => permission.startsWith('proton:'));
    const arn = 'arn:aws:proton:us-east-1:111122223333';
    const expected = Array.from({ length: 400 }, (_, index) => {
      const resource = `${arn}:service/service-${index}`.padEnd(arn.length + 21, 'x');
      const name = `instance-${index}`.padEnd(12, 'x');
      return [
        `proton:CancelServiceInstanceDeployment on ${resource}/service-instance/${name}`,
        `proton:GetServiceInstance on ${resource}/service-instance/${name}`,
      ];
    });
    expect(permissions).toEqual([...expected.flat(), `proton:GetDeployment on ${arn}:deployment/*`].sort());
  });
});

test('names of any length, also of unknown length, keep the quotas of IAM', () => {
  expectLegal(synthesize(cancel(200, 100)));
  const unknown = (stack: Stack) => {
    for (let index = 0; index < 100; index++) {
      const serviceName = new CfnParameter(stack, `Name${index}`).valueAsString;
      new DeploymentCancellation(stack, `Cancel${index}`, {
        deployment: ProtonDeployment.serviceInstance({ serviceName, serviceInstanceName: 'prod' }),
      });
    }
  };
  expectLegal(synthesize(unknown));
});

test('permissions that do not fit are rejected, with what to do', () => {
  expect(() => synthesize(cancel(400, 100))).toThrow(
    /^the permissions to cancel the deployments of stack Stack do not fit into the 10 managed policies that IAM allows a role: declare some of the cancellations in another stack, or use a fleet that a service lists \(at Stack\/Cancel\d+\)$/,
  );
});

test('permissions that are added twice are in the role once', () => {
  const twice = synthesize((stack) => {
    const workflow = CancellationWorkflow.of(stack);
    for (let time = 0; time < 100; time++) workflow.inputFor(instance(0));
  });
  expect(permissionsOf(twice, ROLE)).toEqual(permissionsOf(synthesize(cancel(1)), ROLE));
  expect(idsOf(twice, 'AWS::IAM::ManagedPolicy')).toEqual([]);
});

describe('guards', () => {
  test('and cancellations together keep the quotas of IAM', () => {
    expectLegal(
      synthesize((stack) => {
        guard(9)(stack);
        cancel(300)(stack);
      }),
    );
  });

  test('as many as fit leave room for a network and tracing', () => {
    const template = (count: number) =>
      synthesize((stack) => {
        CancellationWorkflow.of(stack, { vpc: new Vpc(stack, 'Vpc'), tracing: true });
        cancel(300)(stack);
        guard(count)(stack);
      });
    const fits = (count: number) => {
      try {
        return template(count);
      } catch {
        return undefined;
      }
    };
    let count = 1;
    while (fits(count + 1)) count++;
    expect(count).toBeLessThan(40);
    expectLegal(template(count));
  });

  test('that do not fit are rejected, with what to do', () => {
    expect(() => synthesize(guard(40))).toThrow(
      /^the guards of stack Stack need more than the 10240 characters of inline policies that IAM allows a role: declare some of them in another stack \(at Stack\/Guard\d+\)$/,
    );
  });
});

describe('outputs', () => {
  const outputs = (count: number) => (stack: Stack) => {
    for (let index = 0; index < count; index++) new CfnOutput(stack, `Output${index}`, { value: 'one of others' });
    new DeploymentCancellation(stack, 'Cancel', { deployment: instance(0) });
  };

  test('may be as many as CloudFormation allows', () => {
    expect(Object.keys(synthesize(outputs(199)).toJSON().Outputs)).toHaveLength(200);
  });

  test('that are too many are rejected, with what to do', () => {
    expect(() => synthesize(outputs(200))).toThrow(
      'stack Stack has 201 outputs, and CloudFormation allows 200: set output: false on some of its cancellations',
    );
  });
});
