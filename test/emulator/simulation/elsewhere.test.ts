import { elsewhereProblem } from '../../../emulator/simulation/elsewhere';
import { DEPLOYMENT_TYPE } from '../../../emulator/simulation/test-resources';

const saying = (text: object) => elsewhereProblem({ templates: [text] as never });
const CANCELS = { Action: ['proton:CancelServiceInstanceDeployment', 'proton:GetServiceInstance'] };

test('a Proton that runs elsewhere can take the place of the embedded one for what only cancels', () => {
  expect(saying(CANCELS)).toBeUndefined();
});

test.each([
  ['a resource of the embedded cloud', { ...CANCELS, Type: DEPLOYMENT_TYPE }],
  ['a role that may', { ...CANCELS, And: 'proton:UpdateServiceInstance' }],
  ['a task', { ...CANCELS, Resource: 'arn:aws:states:::aws-sdk:proton:updateServiceInstance' }],
])('not for what starts deployments there: %s', (_what, template) => {
  expect(saying(template)).toMatch(/^which starts deployments on the embedded Proton/);
});

test('not for what has nothing to do with Proton', () => {
  expect(saying({ Action: 'ecs:StopServiceDeployment' })).toBe('which does not speak to Proton');
});
