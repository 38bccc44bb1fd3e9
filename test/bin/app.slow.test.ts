import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { withSynthesized } from '../../emulator/simulation/synthesize';

const ROOT = join(__dirname, '../..');

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: object }>>;
  readonly Outputs: object;
}

function synthesised(context: Readonly<Record<string, string>>): Promise<Template> {
  return withSynthesized(ROOT, context, async ({ stacks }) => {
    expect(stacks.map(({ stackName }) => stackName)).toEqual(['CancelDeployment']);
    return stacks[0]?.template as Template;
  });
}

const cancellationIn = ({ Resources }: Template) =>
  Object.values(Resources).find(({ Type }) => Type === 'Custom::DeploymentCancellation')?.Properties;

test('cancels the deployment of web/web-prod unless told otherwise, and puts out its final status', async () => {
  const template = await synthesised({});
  expect(cancellationIn(template)).toMatchObject({
    deployment: { identifiers: { serviceName: 'web', serviceInstanceName: 'web-prod' } },
  });
  expect(cancellationIn(template)).not.toHaveProperty('trigger');
  expect(Object.keys(template.Outputs)).toEqual([expect.stringMatching(/^CancellationDeploymentStatus/)]);
});

test('takes names and trigger from the context, down to what the role may do', async () => {
  const template = await synthesised({ serviceName: 'shop', serviceInstanceName: 'shop-live', trigger: 'release 7' });
  expect(cancellationIn(template)).toMatchObject({
    deployment: { identifiers: { serviceName: 'shop', serviceInstanceName: 'shop-live' } },
    trigger: 'release 7',
  });
  const statements = JSON.stringify(template.Resources);
  expect(statements).toContain(':service/shop/service-instance/shop-live');
  expect(statements).not.toContain('web-prod');
});

test('cancels the update of a stack when it is told that kind, and may touch no other stack', async () => {
  const template = await synthesised({ kind: 'stack-update', stackName: 'shop-live' });
  expect(cancellationIn(template)).toMatchObject({
    deployment: { kind: 'cloudformation-stack-update', identifiers: { stackName: 'shop-live' } },
  });
  const statements = JSON.stringify(template.Resources);
  expect(statements).toContain(':stack/shop-live/*');
  expect(statements).not.toContain('proton:');
});

test('cancels one deployment of CodeDeploy by its id, or what is in flight to a group', async () => {
  const kind = 'codedeploy-deployment';
  const one = await synthesised({ kind, deploymentId: 'd-A1B2C3D4E', applicationName: 'shop' });
  expect(cancellationIn(one)).toMatchObject({ deployment: { kind, identifiers: { deploymentId: 'd-A1B2C3D4E' } } });
  const group = await synthesised({ kind, applicationName: 'live' });
  expect(cancellationIn(group)).toMatchObject({
    deployment: { kind, identifiers: { applicationName: 'live', deploymentGroupName: 'web' } },
  });
  expect(JSON.stringify(group.Resources)).toContain(':deploymentgroup:live/web');
});

test.each([
  [{ serviceName: '' }, 'context serviceName must be a text, not "": give it as -c serviceName=…'],
  [{ serviceInstanceName: 'no spaces' }, 'serviceInstanceName must start with a letter or digit and hold only letters'],
])('refuses %j, and says what is wrong', (context, message) => {
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', join(ROOT, 'bin/app.ts')], {
    env: { ...process.env, CDK_CONTEXT_JSON: JSON.stringify(context) },
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr).toContain(message);
});
