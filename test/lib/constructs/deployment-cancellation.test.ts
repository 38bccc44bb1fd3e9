import { App, CfnParameter, Duration, Lazy, NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { deploymentOf } from '../../../bin/context';
import {
  CancellationOutcome,
  DeploymentCancellation,
  type DeploymentCancellationProps,
  OnNotFound,
  ProtonDeployment,
} from '../../../lib';
import {
  ATTRIBUTES,
  RESOURCE_ATTRIBUTES,
  RESOURCE_TYPE,
  RESPONSE_MARGIN_SECONDS,
  TIMEOUT_SECONDS,
} from '../../../lib/contract/cancellation';
import { DEPLOYMENT_KINDS, kindDefinition, sampleIdentifiers } from '../../../lib/deployments/kinds';
import { idsOf, resolved, synthesize } from '../../helpers/template';

const deployment = ProtonDeployment.serviceInstance({ serviceName: 'web', serviceInstanceName: 'web-prod' });

type Options = Omit<DeploymentCancellationProps, 'deployment'>;

/** The template of a stack with one cancellation. */
function withOptions(options: Options = {}): Template {
  return synthesize((stack) => {
    new DeploymentCancellation(stack, 'Cancel', { deployment, ...options });
  });
}

/** The properties of its custom resource. */
function propertiesWith(options?: Options): Record<string, unknown> {
  const [resource, ...others] = Object.values(withOptions(options).findResources(RESOURCE_TYPE));
  expect(others).toEqual([]);
  return resolved(resource?.Properties) as Record<string, unknown>;
}

describe('the custom resource', () => {
  test('has the properties that the handlers need, and no others', () => {
    expect(propertiesWith()).toEqual({
      ServiceToken: 'DeploymentCancellationWorkflowCloudFormationFunction45ED7DED.Arn',
      ServiceTimeout: '2700',
      contractVersion: '1',
      stateMachineArn: 'DeploymentCancellationWorkflowStateMachineCCA2B105',
      deployment: {
        kind: 'proton-service-instance',
        identifiers: { serviceName: 'web', serviceInstanceName: 'web-prod' },
      },
      settings: { timeoutSeconds: 1800, failOn: [], onNotFound: 'fail', includeStatusMessage: false },
    });
  });

  test('has every option', () => {
    expect(
      propertiesWith({
        timeout: Duration.minutes(10),
        trigger: 'release 7',
        failOn: [CancellationOutcome.COMPLETED_FIRST, CancellationOutcome.SUPERSEDED],
        onNotFound: OnNotFound.SUCCEED,
        includeStatusMessage: true,
        endpoint: 'http://127.0.0.1:4566/proton',
      }),
    ).toMatchObject({
      ServiceTimeout: '1500',
      trigger: 'release 7',
      settings: {
        timeoutSeconds: 600,
        failOn: ['COMPLETED_FIRST', 'SUPERSEDED'],
        onNotFound: 'succeed',
        includeStatusMessage: true,
        endpoint: 'http://127.0.0.1:4566/proton',
      },
    });
  });

  test('differs in the trigger only if the trigger changes', () => {
    const { trigger: first, ...before } = propertiesWith({ trigger: '1' });
    const { trigger: second, ...after } = propertiesWith({ trigger: '2' });
    expect([first, second]).toEqual(['1', '2']);
    expect(after).toEqual(before);
  });

  test('depends on everything in the workflow, so that the permissions exist before and after it', () => {
    const template = withOptions().toJSON();
    const [cancellation] = Object.keys(template.Resources).filter(
      (id) => template.Resources[id].Type === RESOURCE_TYPE,
    );
    expect(needsOf(template.Resources, cancellation as string).sort()).toEqual(
      Object.keys(template.Resources)
        .filter((id) => id !== cancellation)
        .sort(),
    );
  });
});

/** The resources that a resource depends on, directly or not. */
function needsOf(resources: Record<string, unknown>, id: string, found = new Set<string>()): string[] {
  const text = JSON.stringify(resources[id]);
  for (const other of Object.keys(resources)) {
    if (other === id || found.has(other) || !text.includes(`"${other}"`)) continue;
    found.add(other);
    needsOf(resources, other, found);
  }
  return [...found];
}

describe('the timeout', () => {
  test.each([
    ['the shortest', Duration.seconds(1), 1],
    ['whole seconds in another unit', Duration.millis(2000), 2],
    ['the longest', Duration.minutes(45), 2700],
  ])('may be %s', (_what, timeout, seconds) => {
    const properties = propertiesWith({ timeout });
    expect(properties.settings).toMatchObject({ timeoutSeconds: seconds });
    expect(properties.ServiceTimeout).toBe(String(seconds + RESPONSE_MARGIN_SECONDS));
  });

  test.each([
    ['zero', Duration.seconds(0), '0 seconds'],
    ['below a second', Duration.millis(999), '999 millis'],
    ['a fraction of seconds', Duration.millis(1500), '1 second 500 millis'],
    ['above the maximum', Duration.seconds(2701), '45 minutes 1 second'],
    ['a day', Duration.days(1), '1 day'],
    ['a token', Duration.seconds(Lazy.number({ produce: () => 60 })), 'a token'],
  ])('may not be %s', (_what, timeout, shown) => {
    expect(() => withOptions({ timeout })).toThrow(
      expect.objectContaining({
        name: 'InvalidConfigurationError',
        message: `timeout must be a literal duration of whole seconds from 1 second to 45 minutes, not ${shown} (at Stack/Cancel)`,
      }),
    );
  });

  test('the poll interval is left to the handlers by default', () => {
    expect(propertiesWith({}).settings).not.toHaveProperty('pollIntervalSeconds');
    expect(propertiesWith({ pollInterval: Duration.seconds(30) }).settings).toMatchObject({ pollIntervalSeconds: 30 });
    expect(() => withOptions({ pollInterval: Duration.minutes(6) })).toThrow(
      'pollInterval must be a literal duration of whole seconds from 1 second to 5 minutes, not 6 minutes (at Stack/Cancel)',
    );
  });

  test('and the margin for the response are at most an hour, the maximum of CloudFormation', () => {
    expect(RESPONSE_MARGIN_SECONDS).toBeGreaterThan(0);
    expect(TIMEOUT_SECONDS.max + RESPONSE_MARGIN_SECONDS).toBeLessThanOrEqual(3600);
  });
});

describe('the endpoint', () => {
  test.each(['http://localhost:4566', 'https://proton.example.com', 'http://127.0.0.1:1/a/b?c=d', 'http://[::1]:8080'])(
    '%s is let through',
    (endpoint) => {
      expect(propertiesWith({ endpoint }).settings).toMatchObject({ endpoint });
    },
  );

  test.each([
    '',
    'localhost:4566',
    '//localhost',
    'ftp://localhost',
    'http://',
    'http://a b',
    'http://a:99999',
    'http://a\n',
  ])('%j is refused', (endpoint) => {
    expect(() => withOptions({ endpoint })).toThrow(
      `endpoint must be an http or https URL, not ${JSON.stringify(endpoint)} (at Stack/Cancel)`,
    );
  });

  test('may be a token', () => {
    const template = synthesize((stack) => {
      const endpoint = new CfnParameter(stack, 'Endpoint').valueAsString;
      new DeploymentCancellation(stack, 'Cancel', { deployment, endpoint });
    });
    template.hasResourceProperties(RESOURCE_TYPE, { settings: { endpoint: { Ref: 'Endpoint' } } });
  });
});

describe('the output', () => {
  test('is the final status by default', () => {
    expect(withOptions().toJSON().Outputs).toEqual({
      CancelDeploymentStatusC3B1626C: {
        Description: 'The final status of the deployment that was to be cancelled',
        Value: { 'Fn::GetAtt': ['CancelB12B2BB0', 'deploymentStatus'] },
      },
    });
  });

  test('is exported if a name is set', () => {
    withOptions({ exportName: 'web-prod-status' }).hasOutput('CancelDeploymentStatusC3B1626C', {
      Export: { Name: 'web-prod-status' },
    });
  });

  test('can be removed', () => {
    expect(withOptions({ output: false }).toJSON().Outputs).toBeUndefined();
  });

  test('cannot be both removed and exported', () => {
    expect(() => withOptions({ output: false, exportName: 'x' })).toThrow(
      'exportName requires the output, which output: false removes (at Stack/Cancel)',
    );
  });
});

describe('the attributes', () => {
  const common = ATTRIBUTES.filter((name) => !(RESOURCE_ATTRIBUTES as readonly string[]).includes(name));
  const attribute = (name: string) => ({ 'Fn::GetAtt': ['CancelB12B2BB0', name] });

  test('of all kinds are properties of the same name', () => {
    const stack = new Stack(new App(), 'Stack');
    const cancellation = new DeploymentCancellation(stack, 'Cancel', { deployment, includeStatusMessage: true });
    expect(common).toHaveLength(5);
    for (const name of common) {
      expect(stack.resolve(cancellation[name as 'outcome'])).toEqual(attribute(name));
    }
  });

  test.each(DEPLOYMENT_KINDS)('of %s are in attributes, and the others are refused', (kind) => {
    const stack = new Stack(new App(), 'Stack');
    const cancellation = new DeploymentCancellation(stack, 'Cancel', {
      deployment: deploymentOf({ kind, identifiers: sampleIdentifiers(kind) }),
    });
    const { className, attributes } = kindDefinition(kind);
    for (const name of RESOURCE_ATTRIBUTES) {
      if (attributes.includes(name)) expect(stack.resolve(cancellation.attributes[name])).toEqual(attribute(name));
      else {
        expect(() => cancellation.attributes[name]).toThrow(
          `${className} of kind ${kind} has no attribute ${name}: it has ${attributes.join(', ')} (at Stack/Cancel)`,
        );
      }
    }
  });

  test('deploymentStatusMessage, which is sensitive, can be read only with includeStatusMessage', () => {
    const cancellation = new DeploymentCancellation(new Stack(new App(), 'Stack'), 'Cancel', { deployment });
    expect(() => cancellation.deploymentStatusMessage).toThrow(
      'deploymentStatusMessage is sensitive: set includeStatusMessage to read it (at Stack/Cancel)',
    );
  });
});

describe('many cancellations in a stack', () => {
  const instance = (name: string) =>
    ProtonDeployment.serviceInstance({ serviceName: 'web', serviceInstanceName: name });
  const many = (count: number, options?: Options) =>
    synthesize((stack) => {
      for (let i = 0; i < count; i++) {
        new DeploymentCancellation(stack, `Cancel${i}`, { deployment: instance(`web-${i}`), ...options });
      }
    }).toJSON();

  test('add one resource and one output each', () => {
    const [one, five] = [many(1), many(5)];
    expect(Object.keys(five.Resources)).toHaveLength(Object.keys(one.Resources).length + 4);
    expect(Object.keys(five.Outputs)).toHaveLength(5);
    expect(Object.values<{ Type: string }>(five.Resources).filter(({ Type }) => Type === RESOURCE_TYPE)).toHaveLength(
      5,
    );
  });

  test('change nothing in the workflow but the permissions and the environment of the deployment function', () => {
    const [one, five] = [many(1), many(5)];
    const changed = Object.keys(one.Resources).filter(
      (id) => JSON.stringify(one.Resources[id]) !== JSON.stringify(five.Resources[id]),
    );
    expect(changed).toEqual([
      'DeploymentCancellationWorkflowDeploymentRoleDefaultPolicy12696369',
      'DeploymentCancellationWorkflowDeploymentFunction0E230A73',
    ]);
  });

  test('depend on all their permissions, also if these do not fit into one policy', () => {
    const template = many(100, { output: false });
    const overflowing = Object.keys(template.Resources).filter((id) => id.includes('WorkflowDeploymentPolicy'));
    expect(overflowing.length).toBeGreaterThan(0);
    const [cancellation] = Object.keys(template.Resources).filter(
      (id) => template.Resources[id].Type === RESOURCE_TYPE,
    );
    expect(needsOf(template.Resources, cancellation as string)).toEqual(expect.arrayContaining(overflowing));
  });

  test('may be of the same deployment', () => {
    const template = synthesize((stack) => {
      new DeploymentCancellation(stack, 'A', { deployment });
      new DeploymentCancellation(stack, 'B', { deployment });
    });
    template.resourceCountIs(RESOURCE_TYPE, 2);
  });
});

describe('stacks', () => {
  test('have a workflow each', () => {
    const app = new App();
    const stacks = ['A', 'B'].map((name) => new Stack(app, name));
    const cancellations = stacks.map((stack) => new DeploymentCancellation(stack, 'Cancel', { deployment }));
    expect(cancellations[0]?.workflow).not.toBe(cancellations[1]?.workflow);
    for (const stack of stacks) {
      expect(idsOf(Template.fromStack(stack), 'AWS::StepFunctions::StateMachine')).toHaveLength(1);
      expect(stack.dependencies).toEqual([]);
    }
  });

  test('share a workflow between all their constructs, but not with nested stacks', () => {
    const parent = new Stack(new App(), 'Parent');
    const nested = new NestedStack(parent, 'Nested');
    const outer = new DeploymentCancellation(parent, 'Cancel', { deployment });
    const inner = new DeploymentCancellation(nested, 'Cancel', { deployment });
    expect(inner.workflow).not.toBe(outer.workflow);
    const machines = [parent, nested].map((stack) =>
      idsOf(Template.fromStack(stack), 'AWS::StepFunctions::StateMachine'),
    );
    expect(machines).toEqual([
      ['DeploymentCancellationWorkflowStateMachineCCA2B105'],
      ['DeploymentCancellationWorkflowStateMachineCCA2B105'],
    ]);
  });

  test('that are nested have parameter paths of their own, with the names that they have after deployment', () => {
    const nested = new NestedStack(new Stack(new App(), 'Parent'), 'Nested');
    new DeploymentCancellation(nested, 'Cancel', { deployment });
    const functions = Object.values(Template.fromStack(nested).findResources('AWS::Lambda::Function'));
    const path = functions.map(({ Properties }) => Properties.Environment?.Variables.PARAMETER_PATH).find(Boolean);
    expect(resolved(path)).toBe('/deployment-cancellation/Stack');
  });
});
