import { type AddressInfo, createServer, type Server } from 'node:net';
import { App, CustomResource, Stack } from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Provider } from 'aws-cdk-lib/custom-resources';
import { type CallFault, type FunctionFault, simulate } from '../../../emulator/testing/index';
import {
  type CancellableDeployment,
  CancelOnRollback,
  CodeDeployDeployment,
  CodePipelineExecution,
  DeploymentCancellation,
  DeploymentFleet,
  EcsServiceDeployment,
  FleetCancellation,
  ProtonDeployment,
  ProtonFleet,
  StackUpdate,
} from '../../../lib/index';

/** A server that must never be called. */
let listener: Server;
let connections: number;

beforeAll(async () => {
  connections = 0;
  listener = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
});
afterEach(() => expect(connections).toBe(0));
afterAll(() => new Promise((resolve) => listener.close(resolve)));

const endpointOfListener = () => `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
const ECS = EcsServiceDeployment.fromServiceName({ clusterName: 'shop', serviceName: 'checkout' });
const newStack = () => new Stack(new App(), 'Harmless');

describe('an endpoint is never called:', () => {
  const deployments: readonly [string, CancellableDeployment][] = [
    ['service instance', ProtonDeployment.serviceInstance({ serviceName: 'a', serviceInstanceName: 'b' })],
    ['service pipeline', ProtonDeployment.servicePipeline({ serviceName: 'a' })],
    ['environment', ProtonDeployment.environment({ environmentName: 'c' })],
    ['component', ProtonDeployment.component({ componentName: 'd' })],
    ['ECS service', ECS],
    ['stack update', StackUpdate.fromStackName('theirs')],
    [
      'CodeDeploy deployment',
      CodeDeployDeployment.fromDeploymentGroupName({ applicationName: 'e', deploymentGroupName: 'f' }),
    ],
    ['pipeline execution', CodePipelineExecution.fromPipelineName('g')],
  ];

  test.each(deployments)('of a cancellation, a guard and a fleet of a %s', async (_name, deployment) => {
    const endpoint = endpointOfListener();
    const stack = newStack();
    new DeploymentCancellation(stack, 'Cancel', { deployment, endpoint });
    new FleetCancellation(stack, 'Fleet', { fleet: DeploymentFleet.fromDeployments([deployment]), endpoint });
    new CancelOnRollback(stack, 'Guard', { deployment, endpoint, trigger: '1' });
    const { cancellations, calls } = await simulate(stack);
    expect(cancellations.some(({ outcome }) => outcome === 'CANCELLED')).toBe(true);
    expect(calls.length).toBeGreaterThan(0);
  });

  test.each([
    ['service', ProtonFleet.fromServiceName('a')],
    ['environment', ProtonFleet.fromEnvironmentName('c')],
  ])('of a fleet that is found in a %s', async (_name, fleet) => {
    const stack = newStack();
    new FleetCancellation(stack, 'Fleet', { fleet, endpoint: endpointOfListener() });
    const identifiers = { serviceName: 'a', serviceInstanceName: 'b' };
    const { stackStatus, calls } = await simulate(stack, {
      deployments: [{ kind: 'proton-service-instance', identifiers }],
    });
    expect(stackStatus).toBe('CREATE_COMPLETE');
    expect(calls.some(({ operation }) => operation === 'ListServiceInstances')).toBe(true);
  });

  test('of the environment variables of the developer', async () => {
    const names = [
      'AWS_ENDPOINT_URL',
      'AWS_ENDPOINT_URL_ECS',
      'AWS_ENDPOINT_URL_SSM',
      'AWS_ENDPOINT_URL_SFN',
      'HTTP_PROXY',
    ];
    const before = names.map((name) => process.env[name]);
    for (const name of names) process.env[name] = endpointOfListener();
    try {
      const stack = newStack();
      new DeploymentCancellation(stack, 'Cancel', { deployment: ECS });
      expect((await simulate(stack)).stackStatus).toBe('CREATE_COMPLETE');
    } finally {
      names.forEach((name, index) => {
        const value = before[index];
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      });
    }
  });

  test('of a function of the stack: its connection ends the simulation', async () => {
    const stack = newStack();
    const onEventHandler = new LambdaFunction(stack, 'Caller', {
      runtime: Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: Code.fromInline(`exports.handler = () => fetch('${endpointOfListener()}');`),
    });
    const { serviceToken } = new Provider(stack, 'Provider', { onEventHandler });
    new CustomResource(stack, 'Resource', { serviceToken });
    await expect(simulate(stack)).rejects.toThrow(
      /^the function Harmless\/Caller tried to connect to 127\.0\.0\.1:\d+; in a simulation, functions connect to the emulator only/,
    );
    expect((await simulate(stack, { stubFunctions: ['Harmless/Caller'] })).stackStatus).toBe('CREATE_COMPLETE');
  });
});

describe('faults', () => {
  const cancelling = () => {
    const stack = newStack();
    new DeploymentCancellation(stack, 'Cancel', { deployment: ECS });
    return stack;
  };
  const reset = { kind: 'reset' } as const;

  test.each<[string, readonly unknown[], RegExp]>([
    [
      'service',
      [{ service: 'eks', fault: reset }],
      /^there is no service with faults 'eks'; there are amplify, .*, cloudformation, /,
    ],
    [
      'operation',
      [{ service: 'ecs', operation: 'StopDeployment', fault: reset }],
      /^there is no operation of ecs 'StopDeployment'; there are .*StopServiceDeployment/,
    ],
    [
      'kind',
      [{ service: 'ecs', fault: { kind: 'boom' } }],
      /^there is no fault of the calls of ecs 'boom'; there are /,
    ],
    ['number', [{ service: 'ecs', from: 3, to: 1, fault: reset }], /1 <= from <= to, not 3 and 1$/],
  ])('with an unknown %s are refused', async (_name, faults, message) => {
    await expect(simulate(cancelling(), { faults: faults as CallFault[] })).rejects.toThrow(message);
  });

  test('of an unknown function are refused', async () => {
    const functionFaults = [{ function: 'deploy', fault: { kind: 'throttle' } }] as unknown as FunctionFault[];
    await expect(simulate(cancelling(), { functionFaults })).rejects.toThrow(
      "there is no function of the workflow 'deploy'; there are cloudformation, deployment",
    );
  });

  test.each<[string, { readonly faults?: CallFault[]; readonly functionFaults?: FunctionFault[] }]>([
    ['a call', { faults: [{ service: 'proton', fault: reset }] }],
    ['an invocation', { functionFaults: [{ function: 'deployment', from: 99, fault: { kind: 'throttle' } }] }],
  ])('of %s that never happens fail the simulation, unless they are optional', async (_name, options) => {
    await expect(simulate(cancelling(), options)).rejects.toThrow(
      /^the fault of .* matched nothing: correct it, or add/,
    );
    const optional = Object.fromEntries(
      Object.entries(options).map(([name, rules]) => [name, rules?.map((rule) => ({ ...rule, optional: true }))]),
    );
    expect((await simulate(cancelling(), optional)).stackStatus).toBe('CREATE_COMPLETE');
  });
});
