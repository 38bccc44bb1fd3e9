import { consoleUrl } from '../../cli/console-url';
import { DEPLOYMENT_KINDS, kindDefinition, sampleIdentifiers } from '../../lib/deployments/kinds';

const PLACE = { partition: 'aws', region: 'eu-west-1' };

test.each([
  ['ecs-service-deployment', undefined, 'ecs/v2/clusters/prod/services/web/deployments?region=eu-west-1'],
  ['cloudformation-stack-update', 'x', 'cloudformation/home?region=eu-west-1#/stacks/events?stackId=web'],
  ['codedeploy-deployment', 'd-1', 'codesuite/codedeploy/deployments/d-1?region=eu-west-1'],
  ['codedeploy-deployment', undefined, 'codesuite/codedeploy/applications/shop/deployment-groups/web?region=eu-west-1'],
  [
    'codepipeline-execution',
    'e',
    'codesuite/codepipeline/pipelines/release/executions/e/visualization?region=eu-west-1',
  ],
  ['codepipeline-execution', undefined, 'codesuite/codepipeline/pipelines/release/view?region=eu-west-1'],
])('the page of %s, deployment %s', (kind, deploymentId, path) => {
  const url = consoleUrl({ kind, identifiers: sampleIdentifiers(kind) }, deploymentId, PLACE);
  expect(url).toBe(`https://eu-west-1.console.aws.amazon.com/${path}`);
});

test.each([
  ['aws-cn', 'https://cn-north-1.console.amazonaws.cn/'],
  ['aws-us-gov', 'https://cn-north-1.console.amazonaws-us-gov.com/'],
  ['aws-iso', undefined],
])('the console of the partition %s', (partition, start) => {
  const deployment = { kind: 'cloudformation-stack-update', identifiers: { stackName: 'web' } };
  const url = consoleUrl(deployment, undefined, { partition, region: 'cn-north-1' });
  expect(url?.slice(0, start?.length)).toBe(start);
});

test.each(DEPLOYMENT_KINDS)('%s has a page in the console, unless AWS has ended the service', (kind) => {
  const { consolePath, lifecycle } = kindDefinition(kind);
  expect(consolePath !== undefined).toBe(lifecycle !== 'ended');
});
