import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { withSynthesized } from '../../emulator/simulation/synthesize';

const ROOT = join(__dirname, '../..');

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: object }>>;
  readonly Outputs: object;
}

function synthesized(context: Readonly<Record<string, string>>): Promise<Template> {
  return withSynthesized(ROOT, context, async ({ stacks }) => {
    expect(stacks.map(({ stackName }) => stackName)).toEqual(['CancelDeployment']);
    return stacks[0]?.template as Template;
  });
}

const cancellationIn = ({ Resources }: Template) =>
  Object.values(Resources).find(({ Type }) => Type === 'Custom::DeploymentCancellation')?.Properties;

test('cancels the deployment of the ECS service prod/web by default, and outputs its final status', async () => {
  const template = await synthesized({});
  expect(cancellationIn(template)).toMatchObject({
    deployment: { kind: 'ecs-service-deployment', identifiers: { clusterName: 'prod', serviceName: 'web' } },
  });
  expect(cancellationIn(template)).not.toHaveProperty('trigger');
  expect(Object.keys(template.Outputs)).toEqual([expect.stringMatching(/^CancellationDeploymentStatus/)]);
});

test('takes names and trigger from the context, down to the permissions of the role', async () => {
  const kind = 'proton-service-instance';
  const names = { serviceName: 'shop', serviceInstanceName: 'shop-live' };
  const template = await synthesized({ kind, ...names, trigger: 'release 7' });
  expect(cancellationIn(template)).toMatchObject({ deployment: { kind, identifiers: names }, trigger: 'release 7' });
  const statements = JSON.stringify(template.Resources);
  expect(statements).toContain(':service/shop/service-instance/shop-live');
  expect(statements).not.toContain('web-prod');
});

test('cancels the update of a stack with that kind, and has no permission for other stacks', async () => {
  const template = await synthesized({ kind: 'cloudformation-stack-update', stackName: 'shop-live' });
  expect(cancellationIn(template)).toMatchObject({
    deployment: { kind: 'cloudformation-stack-update', identifiers: { stackName: 'shop-live' } },
  });
  const statements = JSON.stringify(template.Resources);
  expect(statements).toContain(':stack/shop-live/*');
  expect(statements).not.toContain('proton:');
});

test('cancels one deployment of CodeDeploy by its ID, or the deployment in flight to a group', async () => {
  const kind = 'codedeploy-deployment';
  const one = await synthesized({ kind, deploymentId: 'd-A1B2C3D4E', applicationName: 'shop' });
  expect(cancellationIn(one)).toMatchObject({ deployment: { kind, identifiers: { deploymentId: 'd-A1B2C3D4E' } } });
  const group = await synthesized({ kind, applicationName: 'live' });
  expect(cancellationIn(group)).toMatchObject({
    deployment: { kind, identifiers: { applicationName: 'live', deploymentGroupName: 'web' } },
  });
  expect(JSON.stringify(group.Resources)).toContain(':deploymentgroup:live/web');
});

test('abandons the actions of an execution with that option', async () => {
  const kind = 'codepipeline-execution';
  const identifiers = { pipelineName: 'release' };
  const cancellation = cancellationIn(await synthesized({ kind, abandon: 'true' }));
  expect(cancellation).toMatchObject({ deployment: { kind, identifiers, options: { abandon: true } } });
  const later = cancellationIn(await synthesized({ kind, abandonAfterSeconds: '300' }));
  expect(later).toMatchObject({ deployment: { options: { abandon: false, abandonAfterSeconds: 300 } } });
});

test.each([
  [{ serviceName: '' }, 'context serviceName must be a non-empty string, not "": pass -c serviceName=…'],
  [
    { clusterName: 'no spaces' },
    "clusterName must be a name that holds only letters, digits, '-' and '_', not 'no spaces'",
  ],
  [{ kind: 'environment' }, 'context kind must be one of ecs-service-deployment, cloudformation-stack-update, '],
])('rejects %j with the reason', (context, message) => {
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', join(ROOT, 'bin/app.ts')], {
    env: { ...process.env, CDK_CONTEXT_JSON: JSON.stringify(context) },
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr).toContain(message);
});
