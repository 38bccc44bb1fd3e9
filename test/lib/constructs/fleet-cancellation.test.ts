import { CfnParameter, Duration, Lazy, Stack } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { evaluate } from '../../../emulator/aws/iam';
import {
  type CancellableFleet,
  CancellationOutcome,
  CancellationWorkflow,
  DeploymentCancellation,
  DeploymentFleet,
  FleetCancellation,
  type FleetCancellationProps,
  FleetWorkflow,
  OnNotFound,
  ProtonDeployment,
  ProtonFleet,
} from '../../../lib';
import { RESPONSE_MARGIN_SECONDS } from '../../../lib/contract/cancellation';
import { FLEET_ATTRIBUTES, FLEET_RESOURCE_TYPE } from '../../../lib/contract/fleet';
import { DELIVERS_LOGS } from '../../helpers/pipeline-fixtures';
import {
  idsOf,
  permissionsOf,
  policiesOf,
  recommendedFlags,
  resolved,
  type SynthesisProps,
  synthesize,
} from '../../helpers/template';

const OF_SERVICE = ProtonFleet.fromServiceName('web');
const OF_ENVIRONMENT = ProtonFleet.fromEnvironmentName('prod');
const instance = (serviceInstanceName: string) =>
  ProtonDeployment.serviceInstance({ serviceName: 'web', serviceInstanceName });

type Options = Omit<FleetCancellationProps, 'fleet'>;

function withFleet(fleet: CancellableFleet = OF_SERVICE, options: Options = {}, props?: SynthesisProps) {
  return synthesize((stack) => {
    new FleetCancellation(stack, 'Fleet', { fleet, ...options });
  }, props);
}

function propertiesOf(fleet?: CancellableFleet, options?: Options): Record<string, unknown> {
  const [resource, ...others] = Object.values(withFleet(fleet, options).findResources(FLEET_RESOURCE_TYPE));
  expect(others).toEqual([]);
  return resolved(resource?.Properties) as Record<string, unknown>;
}

/** A public contract, like the logical IDs of the cancellation workflow. */
const IDS = {
  stateMachine: 'FleetCancellationWorkflowStateMachineF2636318',
  stateMachineRole: 'FleetCancellationWorkflowStateMachineRoleF9FD8126',
  lostExecutions: 'FleetCancellationWorkflowLostExecutions8032F34A',
  lostExecutionsPermission:
    'FleetCancellationWorkflowLostExecutionsAllowEventRuleStackDeploymentCancellationWorkflowCloudFormationFunction91199BEE68EF5215',
};
const DEPLOYMENT = 'DeploymentCancellationWorkflowDeploymentFunction0E230A73';
const DEPLOYMENT_ROLE = 'DeploymentCancellationWorkflowDeploymentRole75619BCC';
const CLOUDFORMATION = 'DeploymentCancellationWorkflowCloudFormationFunction45ED7DED';
const CLOUDFORMATION_ROLE = 'DeploymentCancellationWorkflowCloudFormationRole48D2F433';
const ONE_STATE_MACHINE = 'DeploymentCancellationWorkflowStateMachineCCA2B105';

describe('the custom resource', () => {
  test('has the properties that the handlers need, and no others', () => {
    expect(propertiesOf()).toEqual({
      ServiceToken: `${CLOUDFORMATION}.Arn`,
      ServiceTimeout: '2700',
      contractVersion: '1',
      stateMachineArn: IDS.stateMachine,
      fleet: { kind: 'proton-service-instances', identifiers: { serviceName: 'web' } },
      settings: { timeoutSeconds: 1800, failOn: [], onNotFound: 'fail', includeStatusMessage: false },
      concurrency: 400,
    });
  });

  test('has every option', () => {
    const options = {
      timeout: Duration.minutes(10),
      trigger: 'release 7',
      failOn: [CancellationOutcome.CANCEL_FAILED],
      onNotFound: OnNotFound.SUCCEED,
      endpoint: 'http://127.0.0.1:4566/proton',
      maxConcurrency: 100,
    };
    expect(propertiesOf(OF_SERVICE, options)).toMatchObject({
      ServiceTimeout: String(600 + RESPONSE_MARGIN_SECONDS),
      trigger: 'release 7',
      concurrency: 4,
      settings: {
        timeoutSeconds: 600,
        failOn: ['CANCEL_FAILED'],
        onNotFound: 'succeed',
        endpoint: 'http://127.0.0.1:4566/proton',
      },
    });
  });

  test.each<[CancellableFleet, unknown]>([
    [OF_ENVIRONMENT, { kind: 'proton-environment-instances', identifiers: { environmentName: 'prod' } }],
    [
      DeploymentFleet.fromDeployments([instance('a'), ProtonDeployment.environment({ environmentName: 'prod' })]),
      {
        kind: 'list',
        deployments: [
          { kind: 'proton-service-instance', identifiers: { serviceName: 'web', serviceInstanceName: 'a' } },
          { kind: 'proton-environment', identifiers: { environmentName: 'prod' } },
        ],
      },
    ],
  ])('has the contract of the fleet: %p', (fleet, contract) => {
    expect(propertiesOf(fleet).fleet).toEqual(contract);
  });

  test('accepts names that are tokens', () => {
    const template = synthesize((stack) => {
      const serviceName = new CfnParameter(stack, 'Service').valueAsString;
      new FleetCancellation(stack, 'Fleet', { fleet: ProtonFleet.fromServiceName(serviceName) });
    });
    template.hasResourceProperties(FLEET_RESOURCE_TYPE, {
      fleet: { identifiers: { serviceName: { Ref: 'Service' } } },
    });
  });

  test.each<[string, CancellableFleet]>([
    ['one policy', OF_SERVICE],
    [
      'many policies',
      DeploymentFleet.fromDeployments(Array.from({ length: 100 }, (_, index) => instance(`i${index}`))),
    ],
  ])('depends on everything in both workflows, including %s', (_what, fleet) => {
    const template = withFleet(fleet);
    const { Resources } = template.toJSON();
    const [resource] = Object.values<{ DependsOn: string[] }>(template.findResources(FLEET_RESOURCE_TYPE) as never);
    const needed = new Set(resource?.DependsOn);
    for (const id of needed) {
      const text = JSON.stringify(Resources[id]);
      for (const other of Object.keys(Resources)) if (text.includes(`"${other}"`)) needed.add(other);
    }
    const all = Object.keys(Resources).filter((id) => Resources[id].Type !== FLEET_RESOURCE_TYPE);
    expect([...needed].sort()).toEqual(all.sort());
  });
});

describe('the attributes', () => {
  test('have properties of the same names', () => {
    const stack = new Stack();
    const fleet = new FleetCancellation(stack, 'Fleet', { fleet: OF_SERVICE });
    const id = stack.getLogicalId(fleet.node.findChild('Resource').node.defaultChild as never);
    for (const name of FLEET_ATTRIBUTES) expect(stack.resolve(fleet[name])).toEqual({ 'Fn::GetAtt': [id, name] });
  });

  test('include the summary, which is an output by default', () => {
    const outputs = Object.values(withFleet().findOutputs('*'));
    expect(outputs).toEqual([expect.objectContaining({ Value: { 'Fn::GetAtt': [expect.any(String), 'summary'] } })]);
    expect(Object.values(withFleet(OF_SERVICE, { exportName: 'x' }).findOutputs('*'))).toMatchObject([
      { Export: { Name: 'x' } },
    ]);
    expect(withFleet(OF_SERVICE, { output: false }).findOutputs('*')).toEqual({});
  });

  test('cannot be exported without an output', () => {
    expect(() => withFleet(OF_SERVICE, { output: false, exportName: 'x' })).toThrow(
      'exportName requires the output, which output: false removes (at Stack/Fleet)',
    );
  });
});

describe('the options', () => {
  test.each([
    ['a fraction', 25.5, '25.5'],
    ['less than a batch', 24, '24'],
    ['more than a fleet', 10_001, '10001'],
    ['a token', Lazy.number({ produce: () => 25 }), 'a token'],
  ])('reject maxConcurrency as %s', (_what, maxConcurrency, shown) => {
    expect(() => withFleet(OF_SERVICE, { maxConcurrency })).toThrow(
      `maxConcurrency must be a literal whole number from 25 to 10000, not ${shown} (at Stack/Fleet)`,
    );
  });

  test.each([
    [25, 1],
    [49, 1],
    [50, 2],
    [1000, 40],
    [10_000, 400],
  ])('round maxConcurrency down to a multiple of 25: %d deployments are %d times 25', (maxConcurrency, concurrency) => {
    expect(propertiesOf(OF_SERVICE, { maxConcurrency })).toMatchObject({ concurrency });
  });

  test.each([
    ['no service', () => ProtonFleet.fromServiceName(''), 'serviceName must have 1 to 100 characters, not 0'],
    ['no environment', () => ProtonFleet.fromEnvironmentName('a/b'), 'environmentName must start with'],
    ['an empty list', () => DeploymentFleet.fromDeployments([]), 'a fleet must list from 1 to 100 deployments, not 0'],
    [
      'a list that is too long',
      () => DeploymentFleet.fromDeployments(Array.from({ length: 101 }, (_, index) => instance(`i${index}`))),
      'a fleet must list from 1 to 100 deployments, not 101: use several fleets, or a fleet that a service lists',
    ],
    [
      'a list with a deployment twice',
      () => DeploymentFleet.fromDeployments([instance('a'), instance('b'), instance('a')]),
      'a fleet must list a deployment once, not twice: service instance web/a',
    ],
  ])('is %s', (_what, make, message) => {
    expect(make).toThrow(message);
  });

  test('reject options that differ from those of the other cancellations of the stack', () => {
    expect(() =>
      synthesize((stack) => {
        new DeploymentCancellation(stack, 'One', { deployment: instance('a'), logRetention: RetentionDays.ONE_DAY });
        new FleetCancellation(stack, 'Fleet', { fleet: OF_SERVICE, logRetention: RetentionDays.ONE_WEEK });
      }),
    ).toThrow('logRetention of the cancellation workflow of stack Stack is 1 because of Stack/One, not 7');
  });
});

describe('the workflow', () => {
  const APPS: [string, SynthesisProps][] = [
    ['an app without feature flags', {}],
    ['an app with all recommended feature flags', { context: recommendedFlags() }],
  ];

  test.each(APPS)(
    'adds a state machine, its role and the rule for its executions, whose logical IDs never change, in %s',
    (_app, props) => {
      const without = synthesize((stack) => {
        CancellationWorkflow.of(stack).inputFor(instance('a'));
      }, props).toJSON().Resources;
      const withOne = synthesize((stack) => {
        FleetWorkflow.of(stack).inputFor(OF_SERVICE);
      }, props).toJSON().Resources;
      expect(
        Object.keys(withOne)
          .filter((id) => !Object.hasOwn(without, id))
          .sort(),
      ).toEqual(Object.values(IDS).sort());
      expect(Object.keys(without).filter((id) => !Object.hasOwn(withOne, id))).toEqual([]);
    },
  );

  test('is one for all fleets of a stack, beside the cancellation workflow', () => {
    const template = synthesize((stack) => {
      const fleet = new FleetCancellation(stack, 'Fleet', { fleet: OF_SERVICE });
      new FleetCancellation(fleet, 'Deeper', { fleet: OF_ENVIRONMENT });
      new DeploymentCancellation(stack, 'One', { deployment: instance('a') });
    });
    expect(idsOf(template, 'AWS::StepFunctions::StateMachine').sort()).toEqual(
      [IDS.stateMachine, ONE_STATE_MACHINE].sort(),
    );
    expect(idsOf(template, 'AWS::Lambda::Function')).toHaveLength(2);
  });

  test('returns the input of an execution', () => {
    const stack = new Stack();
    expect(FleetWorkflow.of(stack).inputFor(OF_SERVICE, { maxConcurrency: 25 })).toEqual({
      contractVersion: '1',
      fleet: { kind: 'proton-service-instances', identifiers: { serviceName: 'web' } },
      settings: { timeoutSeconds: 1800, failOn: [], onNotFound: 'fail', includeStatusMessage: false },
      concurrency: 1,
    });
  });

  test('is traced if set', () => {
    const template = withFleet(OF_SERVICE, { tracing: true });
    template.allResourcesProperties('AWS::StepFunctions::StateMachine', { TracingConfiguration: { Enabled: true } });
  });
});

describe('the permissions', () => {
  const arn = (service: string, resource: string) => `arn:aws:${service}:us-east-1:111122223333:${resource}`;
  const proton = (action: string, resource: string) => `proton:${action} on ${resource}`;
  const protonOf = (fleet: CancellableFleet) =>
    permissionsOf(withFleet(fleet), DEPLOYMENT_ROLE).filter((permission) => permission.startsWith('proton:'));

  test.each<[string, CancellableFleet, string[]]>([
    ['a service', OF_SERVICE, [arn('proton', 'service/web/service-instance/*')]],
    ['an environment', OF_ENVIRONMENT, [arn('proton', 'service/*/service-instance/*')]],
  ])('of the deployment function for %s are to list, cancel and read its instances', (_what, fleet, on) => {
    expect(protonOf(fleet)).toEqual([
      ...on.map((resource) => proton('CancelServiceInstanceDeployment', resource)),
      proton('GetDeployment', arn('proton', 'deployment/*')),
      ...on.map((resource) => proton('GetServiceInstance', resource)),
      proton('ListServiceInstances', '*'),
    ]);
  });

  test('for a list are those of its deployments, and not to list', () => {
    const on = ['a', 'b'].map((name) => arn('proton', `service/web/service-instance/${name}`));
    expect([...new Set(protonOf(DeploymentFleet.fromDeployments([instance('a'), instance('b')])))]).toEqual([
      ...on.map((resource) => proton('CancelServiceInstanceDeployment', resource)),
      proton('GetDeployment', arn('proton', 'deployment/*')),
      ...on.map((resource) => proton('GetServiceInstance', resource)),
    ]);
  });

  test('for a service do not include the service instances of another', () => {
    const documents = policiesOf(withFleet(), DEPLOYMENT_ROLE);
    const cancel = (resource: string) =>
      evaluate(documents, { action: 'proton:CancelServiceInstanceDeployment', resource: arn('proton', resource) });
    expect(cancel('service/web/service-instance/web-prod')).toBe('allowed');
    for (const other of ['service/webs/service-instance/x', 'service/api/service-instance/web', 'service/web']) {
      expect(cancel(other)).toBe('denied');
    }
  });

  test('of the cloudformation function on this state machine are the same as on the other', () => {
    const of = (template: Template) =>
      permissionsOf(template, CLOUDFORMATION_ROLE).filter((permission) => permission.startsWith('states:'));
    const before = of(synthesize((stack) => CancellationWorkflow.of(stack)));
    const added = before.map((permission) => permission.replace(ONE_STATE_MACHINE, IDS.stateMachine));
    expect(before.length).toBeGreaterThanOrEqual(3);
    expect(of(withFleet())).toEqual([...before, ...added].sort());
  });

  test('of the state machine are the two functions and log delivery', () => {
    expect(permissionsOf(withFleet(), IDS.stateMachineRole)).toEqual([
      ...[CLOUDFORMATION, DEPLOYMENT].map((id) => `lambda:InvokeFunction on ${id}.Arn`),
      ...DELIVERS_LOGS,
    ]);
  });
});
