import { externalProtonProblem } from '../../../emulator/simulation/external-proton';
import { DEPLOYMENT_TYPE } from '../../../emulator/simulation/test-resources';

const problemOf = (text: object) => externalProtonProblem({ templates: [text] as never });
const CANCELS = { Action: ['proton:CancelServiceInstanceDeployment', 'proton:GetServiceInstance'] };

test('an external AWS Proton can replace the emulated one for stacks that only cancel', () => {
  expect(problemOf(CANCELS)).toBeUndefined();
});

test.each([
  ['a test resource of the emulator', { ...CANCELS, Type: DEPLOYMENT_TYPE }],
  ['a role with the permission', { ...CANCELS, And: 'proton:UpdateServiceInstance' }],
  ['a task', { ...CANCELS, Resource: 'arn:aws:states:::aws-sdk:proton:updateServiceInstance' }],
])('but not for stacks that start deployments: %s', (_what, template) => {
  expect(problemOf(template)).toMatch(/^which starts deployments on the emulated Proton/);
});

test('and not for stacks that do not use Proton', () => {
  expect(problemOf({ Action: 'ecs:StopServiceDeployment' })).toBe('which does not use Proton');
});
