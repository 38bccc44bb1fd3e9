import {
  ListDeploymentsCommand,
  ListServiceInstancesCommand,
  type ListServiceInstancesInput,
  paginateListDeployments,
  paginateListServiceInstances,
} from '@aws-sdk/client-proton';
import { HOURS, MINUTES } from '../../../../emulator/services/proton/plan';
import { stopAll } from '../../serve-service';
import { INITIAL_STATE } from './initial-state';
import { type Running, runProton } from './serve-proton';

const ARN = 'arn:aws:proton:us-east-1:123456789012';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

let proton: Running;
beforeEach(async () => {
  proton = await runProton(INITIAL_STATE);
});
afterEach(stopAll);

describe('ListServiceInstances', () => {
  const list = async (input: ListServiceInstancesInput) => {
    const { serviceInstances } = await proton.client.send(new ListServiceInstancesCommand(input));
    return serviceInstances?.map(({ name }) => name);
  };
  const ago = (ms: number) => new Date(proton.clock.now() - ms).toISOString();

  test('returns summaries without spec', async () => {
    const { serviceInstances, nextToken } = await proton.client.send(new ListServiceInstancesCommand({}));
    expect(serviceInstances?.[1]).toMatchObject({
      arn: `${ARN}:service/web/service-instance/web-prod`,
      createdAt: expect.any(Date),
      deploymentStatus: 'IN_PROGRESS',
      environmentName: 'prod',
      lastAttemptedDeploymentId: expect.stringMatching(UUID),
      name: 'web-prod',
      serviceName: 'web',
    });
    expect(serviceInstances?.[1]).not.toHaveProperty('spec');
    expect(nextToken).toBeUndefined();
  });

  test('sorts by service name and then by name by default', async () => {
    expect(await list({})).toEqual(['api-test', 'web-prod', 'web-test']);
  });

  test.each([
    ['name', ['api-test', 'web-prod', 'web-test']],
    ['deploymentStatus', ['api-test', 'web-prod', 'web-test']],
    ['environmentName', ['web-prod', 'api-test', 'web-test']],
    ['lastDeploymentAttemptedAt', ['web-test', 'api-test', 'web-prod']],
    ['createdAt', ['api-test', 'web-prod', 'web-test']],
    ['templateName', ['api-test', 'web-prod', 'web-test']],
    ['serviceName', ['api-test', 'web-prod', 'web-test']],
  ] as const)('sorts by %s, both ways', async (sortBy, names) => {
    expect(await list({ sortBy })).toEqual(names);
    expect(await list({ sortBy, sortOrder: 'DESCENDING' })).toEqual([...names].reverse());
  });

  test('filters by service', async () => {
    expect(await list({ serviceName: 'web' })).toEqual(['web-prod', 'web-test']);
  });

  test.each([
    ['name', 'web-test', ['web-test']],
    ['deploymentStatus', 'IN_PROGRESS', ['web-prod']],
    ['templateName', 'fargate-service', ['api-test', 'web-prod', 'web-test']],
    ['serviceName', 'api', ['api-test']],
    ['environmentName', 'test', ['api-test', 'web-test']],
    ['deployedTemplateVersionStatus', 'PUBLISHED', ['api-test', 'web-prod', 'web-test']],
    ['deployedTemplateVersionStatus', 'DRAFT', []],
    ['lastDeploymentAttemptedAtAfter', 30 * MINUTES, ['web-prod']],
    ['lastDeploymentAttemptedAtBefore', 30 * MINUTES, ['api-test', 'web-test']],
    ['createdAtAfter', 24 * HOURS, []],
    ['createdAtBefore', 23 * HOURS, ['api-test', 'web-prod', 'web-test']],
  ] as const)('filters by %s', async (key, value, names) => {
    expect(await list({ filters: [{ key, value: typeof value === 'string' ? value : ago(value) }] })).toEqual(names);
  });

  test('returns the instances that match every filter', async () => {
    const environment = { key: 'environmentName', value: 'test' } as const;
    expect(await list({ filters: [environment, { key: 'serviceName', value: 'web' }] })).toEqual(['web-test']);
    expect(await list({ filters: [environment, { key: 'name', value: 'web-prod' }] })).toEqual([]);
  });

  test.each([
    [1, [['api-test'], ['web-prod'], ['web-test']]],
    [2, [['api-test', 'web-prod'], ['web-test']]],
    [3, [['api-test', 'web-prod', 'web-test']]],
    [100, [['api-test', 'web-prod', 'web-test']]],
  ])('pages by %d: each instance once, and no token after the last page', async (maxResults, pages) => {
    const seen: (string | undefined)[][] = [];
    for await (const page of paginateListServiceInstances({ client: proton.client }, { maxResults })) {
      seen.push(page.serviceInstances?.map(({ name }) => name) ?? []);
    }
    expect(seen).toEqual(pages);
  });
});

describe('ListDeployments', () => {
  const list = async (input: ListDeploymentsCommand['input']) => {
    const { deployments } = await proton.client.send(new ListDeploymentsCommand(input));
    return deployments ?? [];
  };

  test('returns every deployment, the newest first', async () => {
    const times = (await list({})).map(({ createdAt }) => createdAt!.getTime());
    expect(times).toHaveLength(13);
    expect(times).toEqual([...times].sort((a, b) => b - a));
  });

  test.each([
    [{ serviceName: 'api' }, ['SERVICE_INSTANCE', 'SERVICE_INSTANCE']],
    [{ serviceName: 'web', serviceInstanceName: 'web-test' }, ['SERVICE_INSTANCE']],
    [{ componentName: 'bucket' }, ['COMPONENT', 'COMPONENT']],
    [{ environmentName: 'test' }, ['SERVICE_INSTANCE', 'ENVIRONMENT', 'SERVICE_INSTANCE', 'SERVICE_INSTANCE']],
  ])('returns those of %j', async (input, types) => {
    expect((await list(input)).map(({ targetResourceType }) => targetResourceType)).toEqual(types);
  });

  test('returns summaries with everything that the model requires, and without messages', async () => {
    const [newest] = await list({ serviceName: 'api' });
    expect(newest).toMatchObject({
      arn: expect.stringContaining(':deployment/'),
      completedAt: new Date(proton.clock.now() - 59 * MINUTES),
      createdAt: new Date(proton.clock.now() - HOURS),
      deploymentStatus: 'FAILED',
      environmentName: 'test',
      id: expect.stringMatching(UUID),
      lastModifiedAt: expect.any(Date),
      targetArn: `${ARN}:service/api/service-instance/api-test`,
      targetResourceCreatedAt: expect.any(Date),
      targetResourceType: 'SERVICE_INSTANCE',
    });
    expect(newest).not.toHaveProperty('deploymentStatusMessage');
    expect(newest).not.toHaveProperty('targetState');
  });

  test('pages: each deployment once', async () => {
    const ids: (string | undefined)[] = [];
    for await (const page of paginateListDeployments({ client: proton.client }, { maxResults: 5 })) {
      ids.push(...(page.deployments ?? []).map(({ id }) => id));
    }
    expect(ids).toHaveLength(13);
    expect(new Set(ids).size).toBe(13);
  });
});
