import { protonIamRequests } from '../../../../emulator/services/proton/iam';
import { OPERATION_NAMES } from '../../../../emulator/services/proton/model';

const PLACE = { partition: 'aws', region: 'eu-west-1', account: '111122223333' };
const ARN = 'arn:aws:proton:eu-west-1:111122223333';
const INSTANCE = { serviceName: 'web', serviceInstanceName: 'web-prod' };
const ID = '43257bd4-03c8-48fa-ae25-238e569c3482';

const TABLE = [
  ['GetServiceInstance', { serviceName: 'web', name: 'web-prod' }, `${ARN}:service/web/service-instance/web-prod`],
  ['CancelServiceInstanceDeployment', INSTANCE, `${ARN}:service/web/service-instance/web-prod`],
  ['UpdateServiceInstance', { serviceName: 'web', name: 'web-prod' }, `${ARN}:service/web/service-instance/web-prod`],
  ['GetService', { name: 'web' }, `${ARN}:service/web`],
  ['CancelServicePipelineDeployment', { serviceName: 'web' }, `${ARN}:service/web`],
  ['GetEnvironment', { name: 'prod' }, `${ARN}:environment/prod`],
  ['CancelEnvironmentDeployment', { environmentName: 'prod' }, `${ARN}:environment/prod`],
  ['GetComponent', { name: 'bucket' }, `${ARN}:component/bucket`],
  ['CancelComponentDeployment', { componentName: 'bucket' }, `${ARN}:component/bucket`],
  ['GetDeployment', { id: ID, ...INSTANCE }, `${ARN}:deployment/${ID}`],
  ['ListServiceInstances', { serviceName: 'web' }, '*'],
  ['ListDeployments', INSTANCE, '*'],
] as const;

test.each(TABLE)('%s of %j needs its own action on %s', (operation, input, resource) => {
  expect(protonIamRequests({ service: 'proton', operation, input }, PLACE)).toEqual([
    { action: `proton:${operation}`, resource },
  ]);
});

test('the table above is complete', () => {
  expect(TABLE.map(([operation]) => operation as string).sort()).toEqual([...OPERATION_NAMES].sort());
});

test.each([{}, { serviceName: 7, name: null }])('the invalid input %j has no names', (input) => {
  const call = { service: 'proton', operation: 'GetServiceInstance', input };
  expect(protonIamRequests(call, PLACE)).toEqual([
    { action: 'proton:GetServiceInstance', resource: `${ARN}:service//service-instance/` },
  ]);
});

test.each(['CreateService', 'toString'])('the unknown operation %s needs no permission', (operation) => {
  expect(protonIamRequests({ service: 'proton', operation, input: {} }, PLACE)).toEqual([]);
});
