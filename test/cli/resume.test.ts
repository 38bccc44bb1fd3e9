import { parseArguments } from '../../cli/arguments';
import { resumeCommand } from '../../cli/resume';

test.each([
  ['stack web', undefined, 'stack --stack web'],
  ['stack web --region eu-west-1 --json', 'abc', 'stack --stack web --deployment-id abc --region eu-west-1'],
  [
    'pipeline release --abandon --profile ops',
    'e',
    'pipeline --pipeline release --deployment-id e --profile ops --abandon',
  ],
  [
    'stack web --on-rollback-failed continue --resources-to-skip A --resources-to-skip B.C --delete-on-create',
    'op',
    'stack --stack web --deployment-id op --on-rollback-failed continue --resources-to-skip A,B.C --delete-on-create',
  ],
  ['pipeline release --abandon-after 300s', 'e', 'pipeline --pipeline release --deployment-id e --abandon-after 5m'],
  ['codedeploy --application shop --deployment-group web', 'd-ABCDEF123', 'codedeploy --deployment-id d-ABCDEF123'],
  [
    'ecs --cluster a --service b --endpoint-url http://h',
    'x',
    'ecs --cluster a --service b --deployment-id x --endpoint-url http://h',
  ],
])('%s, deployment %s, goes on with: %s', (text, deploymentId, expected) => {
  const invocation = parseArguments(text.split(' '));
  if (typeof invocation === 'string') throw new Error(invocation);
  const command = resumeCommand(invocation, deploymentId);
  expect(command).toBe(`cancel-deployment ${expected}`);
  expect(() => parseArguments(command.split(' ').slice(1))).not.toThrow();
});
