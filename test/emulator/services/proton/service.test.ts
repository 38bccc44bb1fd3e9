import {
  CancelComponentDeploymentCommand,
  CancelEnvironmentDeploymentCommand,
  CancelServiceInstanceDeploymentCommand,
  CancelServicePipelineDeploymentCommand,
  ConflictException,
  GetComponentCommand,
  GetDeploymentCommand,
  GetEnvironmentCommand,
  GetServiceCommand,
  GetServiceInstanceCommand,
  ListDeploymentsCommand,
  ListServiceInstancesCommand,
  ResourceNotFoundException,
  UpdateServiceInstanceCommand,
  type UpdateServiceInstanceInput,
  ValidationException,
} from '@aws-sdk/client-proton';
import { HOURS, MINUTES, SECONDS } from '../../../../emulator/services/proton/plan';
import { errorOf, stopAll } from '../../serve-service';
import { INITIAL_STATE } from './initial-state';
import { postTo, type Running, runProton } from './serve-proton';

const ARN = 'arn:aws:proton:us-east-1:123456789012';

let proton: Running;
beforeEach(async () => {
  proton = await runProton(INITIAL_STATE);
});
afterEach(stopAll);

function idOf(path: string): string {
  return proton.simulated.resource(path).deployments.at(-1)!.id;
}

describe('reads', () => {
  test('GetServiceInstance returns every member of the model, with timestamps that the SDK reads as dates', async () => {
    const { serviceInstance } = await proton.client.send(
      new GetServiceInstanceCommand({ serviceName: 'web', name: 'web-prod' }),
    );
    const now = proton.clock.now();
    expect(serviceInstance).toEqual({
      arn: `${ARN}:service/web/service-instance/web-prod`,
      createdAt: new Date(now - 24 * HOURS),
      deploymentStatus: 'IN_PROGRESS',
      environmentName: 'prod',
      lastAttemptedDeploymentId: idOf('service/web/service-instance/web-prod'),
      lastDeploymentAttemptedAt: new Date(now - 2 * MINUTES),
      lastDeploymentSucceededAt: new Date(now - 24 * HOURS + 4 * MINUTES),
      lastSucceededDeploymentId: proton.simulated.resource('service/web/service-instance/web-prod').deployments[0]!.id,
      name: 'web-prod',
      serviceName: 'web',
      spec: 'instance spec',
      templateMajorVersion: '1',
      templateMinorVersion: '0',
      templateName: 'fargate-service',
    });
  });

  test('timestamps on the wire are numbers of seconds since the epoch', async () => {
    const answer = await postTo(proton, 'GetServiceInstance', '{"serviceName":"web","name":"web-prod"}');
    expect(answer).toMatchObject({ status: 200, contentType: 'application/x-amz-json-1.0' });
    expect(answer.body.serviceInstance).toMatchObject({
      lastDeploymentAttemptedAt: (proton.clock.now() - 2 * MINUTES) / 1000,
    });
  });

  test('a resource that withholds deployment IDs is returned without them, and with its message', async () => {
    const { serviceInstance } = await proton.client.send(
      new GetServiceInstanceCommand({ serviceName: 'api', name: 'api-test' }),
    );
    expect(serviceInstance).toMatchObject({ deploymentStatus: 'FAILED', deploymentStatusMessage: 'why it failed' });
    expect(serviceInstance).not.toHaveProperty('lastAttemptedDeploymentId');
    expect(serviceInstance).not.toHaveProperty('lastSucceededDeploymentId');
  });

  test('GetService returns the service with its pipeline', async () => {
    const { service } = await proton.client.send(new GetServiceCommand({ name: 'web' }));
    expect(service).toMatchObject({
      arn: `${ARN}:service/web`,
      createdAt: expect.any(Date),
      lastModifiedAt: expect.any(Date),
      name: 'web',
      spec: 'service spec',
      status: 'ACTIVE',
      templateName: 'fargate-service',
      pipeline: {
        arn: expect.stringMatching(/:service\/web\/pipeline\/[0-9a-f-]{36}$/),
        deploymentStatus: 'IN_PROGRESS',
        lastAttemptedDeploymentId: idOf('service/web/pipeline'),
        spec: 'pipeline spec',
      },
    });
  });

  test('GetService returns a service without a pipeline', async () => {
    const { service } = await proton.client.send(new GetServiceCommand({ name: 'api' }));
    expect(service).toMatchObject({ name: 'api' });
    expect(service).not.toHaveProperty('pipeline');
  });

  test('GetEnvironment returns the environment', async () => {
    const { environment } = await proton.client.send(new GetEnvironmentCommand({ name: 'prod' }));
    expect(environment).toMatchObject({
      arn: `${ARN}:environment/prod`,
      createdAt: expect.any(Date),
      deploymentStatus: 'IN_PROGRESS',
      lastAttemptedDeploymentId: idOf('environment/prod'),
      lastDeploymentAttemptedAt: expect.any(Date),
      lastDeploymentSucceededAt: expect.any(Date),
      name: 'prod',
      spec: 'environment spec',
      templateMajorVersion: '1',
      templateMinorVersion: '0',
      templateName: 'fargate-environment',
    });
  });

  test('GetComponent returns an attached component with its service instance', async () => {
    const { component } = await proton.client.send(new GetComponentCommand({ name: 'bucket' }));
    expect(component).toMatchObject({
      arn: `${ARN}:component/bucket`,
      createdAt: expect.any(Date),
      deploymentStatus: 'IN_PROGRESS',
      environmentName: 'prod',
      lastModifiedAt: new Date(proton.clock.now() - 2 * MINUTES),
      name: 'bucket',
      serviceName: 'web',
      serviceInstanceName: 'web-prod',
      serviceSpec: expect.any(String),
    });
  });

  test('GetComponent returns a component that is not attached without a service', async () => {
    const { component } = await proton.client.send(new GetComponentCommand({ name: 'loose' }));
    expect(component).toMatchObject({ name: 'loose', deploymentStatus: 'SUCCEEDED' });
    expect(component).not.toHaveProperty('serviceName');
    expect(component).not.toHaveProperty('serviceSpec');
  });

  test.each([
    [
      'service/web/service-instance/web-prod',
      'SERVICE_INSTANCE',
      { serviceName: 'web', serviceInstanceName: 'web-prod' },
    ],
    ['service/web/pipeline', 'SERVICE_PIPELINE', { serviceName: 'web' }],
    ['environment/prod', 'ENVIRONMENT', {}],
    ['component/bucket', 'COMPONENT', { componentName: 'bucket', serviceName: 'web', serviceInstanceName: 'web-prod' }],
  ])('GetDeployment returns the deployment of %s', async (path, targetResourceType, names) => {
    const id = idOf(path);
    const { deployment } = await proton.client.send(new GetDeploymentCommand({ id }));
    expect(deployment).toMatchObject({
      arn: `${ARN}:deployment/${id}`,
      createdAt: new Date(proton.clock.now() - 2 * MINUTES),
      deploymentStatus: 'IN_PROGRESS',
      environmentName: 'prod',
      id,
      lastAttemptedDeploymentId: id,
      lastModifiedAt: new Date(proton.clock.now() - 2 * MINUTES),
      targetArn: proton.simulated.resource(path).arn,
      targetResourceCreatedAt: new Date(proton.clock.now() - 24 * HOURS),
      targetResourceType,
      targetState: expect.any(Object),
      ...names,
    });
    expect(deployment).not.toHaveProperty('completedAt');
  });

  test('GetDeployment returns the completion time', async () => {
    const { id } = proton.simulated.resource('environment/test').deployments[0]!;
    const { deployment } = await proton.client.send(new GetDeploymentCommand({ id }));
    expect(deployment?.completedAt).toEqual(new Date(proton.clock.now() - 24 * HOURS + 4 * MINUTES));
  });

  test('GetDeployment accepts matching names, and finds nothing with other names', async () => {
    const id = idOf('service/web/service-instance/web-prod');
    const fitting = { serviceName: 'web', serviceInstanceName: 'web-prod', environmentName: 'prod' };
    const { deployment } = await proton.client.send(new GetDeploymentCommand({ id, ...fitting }));
    expect(deployment?.id).toBe(id);
    for (const names of [
      { serviceName: 'api' },
      { serviceName: 'web', serviceInstanceName: 'web-test' },
      { environmentName: 'test' },
      { componentName: 'bucket' },
    ]) {
      const error = await errorOf(proton.client.send(new GetDeploymentCommand({ id, ...names })));
      expect(error).toBeInstanceOf(ResourceNotFoundException);
    }
  });

  test('unknown input members are ignored, and null members count as absent', async () => {
    const answer = await postTo(proton, 'GetEnvironment', '{"name":"prod","nmae":7}');
    expect(answer).toMatchObject({ status: 200, body: { environment: { name: 'prod' } } });
    const { status, body } = await postTo(proton, 'ListServiceInstances', '{"serviceName":null,"filters":null}');
    expect([status, (body.serviceInstances as unknown[]).length]).toEqual([200, 3]);
  });
});

describe('cancels', () => {
  test('CancelServiceInstanceDeployment returns CANCELLING, and later the instance is CANCELLED', async () => {
    const read = new GetServiceInstanceCommand({ serviceName: 'web', name: 'web-prod' });
    const { serviceInstance } = await proton.client.send(
      new CancelServiceInstanceDeploymentCommand({ serviceName: 'web', serviceInstanceName: 'web-prod' }),
    );
    expect(serviceInstance).toMatchObject({ name: 'web-prod', deploymentStatus: 'CANCELLING' });
    await proton.clock.pass(39 * SECONDS);
    expect((await proton.client.send(read)).serviceInstance?.deploymentStatus).toBe('CANCELLING');
    await proton.clock.pass(SECONDS);
    expect((await proton.client.send(read)).serviceInstance).toMatchObject({
      deploymentStatus: 'CANCELLED',
      deploymentStatusMessage: 'User initiated cancellation.',
      lastAttemptedDeploymentId: serviceInstance?.lastAttemptedDeploymentId,
    });
    expect(proton.simulated.acceptedCancels).toEqual([
      {
        at: proton.clock.now() - 40 * SECONDS,
        resource: 'service/web/service-instance/web-prod',
        deploymentId: serviceInstance?.lastAttemptedDeploymentId,
      },
    ]);
  });

  test('each other cancellation reaches only its own resource', async () => {
    const { client } = proton;
    const answers = [
      (await client.send(new CancelServicePipelineDeploymentCommand({ serviceName: 'web' }))).pipeline,
      (await client.send(new CancelEnvironmentDeploymentCommand({ environmentName: 'prod' }))).environment,
      (await client.send(new CancelComponentDeploymentCommand({ componentName: 'bucket' }))).component,
    ];
    expect(answers.map((answer) => answer?.deploymentStatus)).toEqual(['CANCELLING', 'CANCELLING', 'CANCELLING']);
    expect(proton.simulated.acceptedCancels.map(({ resource }) => resource)).toEqual([
      'service/web/pipeline',
      'environment/prod',
      'component/bucket',
    ]);
    const { serviceInstance } = await client.send(
      new GetServiceInstanceCommand({ serviceName: 'web', name: 'web-prod' }),
    );
    expect(serviceInstance?.deploymentStatus).toBe('IN_PROGRESS');
  });

  test('a second cancellation, and one of an ended deployment, are conflicts', async () => {
    const again = () => proton.client.send(new CancelEnvironmentDeploymentCommand({ environmentName: 'prod' }));
    await again();
    expect(await errorOf(again())).toBeInstanceOf(ConflictException);
    const finished = new CancelServiceInstanceDeploymentCommand({
      serviceName: 'web',
      serviceInstanceName: 'web-test',
    });
    expect(await errorOf(proton.client.send(finished))).toBeInstanceOf(ConflictException);
  });
});

describe('what does not exist', () => {
  const id = '00000000-0000-0000-0000-000000000000';
  test.each([
    ['a service instance', () => new GetServiceInstanceCommand({ serviceName: 'web', name: 'nope' })],
    ['the service of an instance', () => new GetServiceInstanceCommand({ serviceName: 'nope', name: 'web-prod' })],
    ['a service', () => new GetServiceCommand({ name: 'nope' })],
    ['an environment', () => new GetEnvironmentCommand({ name: 'nope' })],
    ['a component', () => new GetComponentCommand({ name: 'nope' })],
    ['a deployment', () => new GetDeploymentCommand({ id })],
    ['a pipeline to cancel', () => new CancelServicePipelineDeploymentCommand({ serviceName: 'api' })],
    [
      'an instance to cancel',
      () => new CancelServiceInstanceDeploymentCommand({ serviceName: 'api', serviceInstanceName: 'web-prod' }),
    ],
    ['an environment to cancel', () => new CancelEnvironmentDeploymentCommand({ environmentName: 'nope' })],
    ['a component to cancel', () => new CancelComponentDeploymentCommand({ componentName: 'nope' })],
    ['the service to list', () => new ListServiceInstancesCommand({ serviceName: 'nope' })],
    ['the environment to list', () => new ListDeploymentsCommand({ environmentName: 'nope' })],
  ] as const)('%s is a typed ResourceNotFoundException', async (_what, command) => {
    const error = await errorOf(proton.client.send(command() as GetServiceCommand));
    expect(error).toBeInstanceOf(ResourceNotFoundException);
  });
});

describe('an update of a service instance', () => {
  const update = (changes: Partial<UpdateServiceInstanceInput> = {}) =>
    new UpdateServiceInstanceCommand({
      serviceName: 'web',
      name: 'web-test',
      deploymentType: 'MINOR_VERSION',
      templateMinorVersion: '7',
      ...changes,
    });
  const read = new GetServiceInstanceCommand({ serviceName: 'web', name: 'web-test' });

  test('starts a deployment, which changes the version when it has succeeded', async () => {
    const proton = await runProton(INITIAL_STATE);
    const { serviceInstance } = await proton.client.send(update());
    expect(serviceInstance).toMatchObject({ deploymentStatus: 'IN_PROGRESS', templateMinorVersion: '0' });
    await proton.clock.pass(10 * MINUTES);
    const { serviceInstance: later } = await proton.client.send(read);
    expect(later).toMatchObject({ deploymentStatus: 'SUCCEEDED', templateMinorVersion: '7' });
  });

  test('is a conflict while a deployment is in flight', async () => {
    const proton = await runProton(INITIAL_STATE);
    await proton.client.send(update());
    expect(await errorOf(proton.client.send(update()))).toBeInstanceOf(ConflictException);
  });

  test.each<Partial<UpdateServiceInstanceInput>>([
    { deploymentType: 'NONE' },
    { deploymentType: 'MAJOR_VERSION' },
    { deploymentType: undefined },
    { spec: 'spec' },
    { templateMinorVersion: '07' },
  ])('to %j is rejected', async (changes) => {
    const proton = await runProton(INITIAL_STATE);
    expect(await errorOf(proton.client.send(update(changes)))).toBeInstanceOf(ValidationException);
  });
});
