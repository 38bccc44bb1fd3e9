import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Aws, CfnOutput, CfnResource, CustomResource, Duration, Fn, NestedStack, Stack } from 'aws-cdk-lib';
import { CloudFormationFixture, FUNCTION } from './cloudformation-fixture';

/** The nested templates of a cloud assembly, by the URLs in its asset manifests. */
function upload(directory: string, fixture: CloudFormationFixture): void {
  for (const name of readdirSync(directory).filter((file) => file.endsWith('.assets.json'))) {
    const { files } = JSON.parse(readFileSync(join(directory, name), 'utf8')) as {
      files: Record<
        string,
        { source: { path: string }; destinations: Record<string, { bucketName: string; objectKey: string }> }
      >;
    };
    for (const { source, destinations } of Object.values(files)) {
      for (const { bucketName, objectKey } of Object.values(destinations)) {
        const template = JSON.parse(readFileSync(join(directory, source.path), 'utf8'));
        fixture.templates.set(`https://s3.eu-west-1.amazonaws.com/${bucketName}/${objectKey}`, template);
      }
    }
  }
}

test('synthesized stacks are deployed, including nested stacks and the check of the bootstrap version', async () => {
  const app = new App();
  const env = { region: 'eu-west-1', account: '123456789012' };
  const stack = new Stack(app, 'web', { analyticsReporting: true, env });
  const thing = new CfnResource(stack, 'Thing', {
    type: 'Test::Thing',
    properties: { Name: `${Aws.STACK_NAME}-thing` },
  });
  const custom = new CustomResource(stack, 'Custom', {
    serviceToken: FUNCTION,
    serviceTimeout: Duration.minutes(5),
    resourceType: 'Custom::Thing',
    properties: {
      arn: stack.formatArn({ service: 'x', resource: thing.ref }),
      first: Fn.select(0, Fn.split('-', thing.ref)),
    },
  });
  const nested = new NestedStack(stack, 'Nested');
  const inner = new CustomResource(nested, 'Inner', {
    serviceToken: FUNCTION,
    resourceType: 'Custom::Thing',
    properties: { of: thing.ref },
  });
  new CfnOutput(stack, 'Status', { value: custom.getAttString('Status'), exportName: 'status' });
  new CfnOutput(stack, 'InnerStatus', { value: inner.getAttString('Status') });

  const assembly = app.synth();
  const fixture = new CloudFormationFixture();
  upload(assembly.directory, fixture);
  fixture.reply = ({ LogicalResourceId }) => ({ answer: { Data: { Status: `CANCELLED ${LogicalResourceId}` } } });

  const { template } = assembly.getStackByName('web');
  const created = await fixture.cloudFormation.createStack({ stackName: 'web', template });
  expect(created).toMatchObject({
    status: 'CREATE_COMPLETE',
    outputs: [
      { key: 'Status', value: 'CANCELLED Custom', exportName: 'status' },
      { key: 'InnerStatus', value: 'CANCELLED Inner' },
    ],
    parameters: [{ key: 'BootstrapVersion', value: '/cdk-bootstrap/hnb659fds/version' }],
  });
  const properties = Object.fromEntries(
    fixture.seen.map(({ event }) => [event.LogicalResourceId, event.ResourceProperties]),
  );
  expect(properties.Custom).toMatchObject({
    ServiceTimeout: '300',
    arn: 'arn:aws:x:eu-west-1:123456789012:web-thing',
    first: 'web',
  });
  expect(properties.Inner).toMatchObject({ of: 'web-thing' });
  expect(fixture.statusesOf('CDKMetadata').slice(0, 2)).toEqual(['CREATE_IN_PROGRESS', 'CREATE_COMPLETE']);

  expect((await fixture.cloudFormation.deleteStack('web')).status).toBe('DELETE_COMPLETE');
});
