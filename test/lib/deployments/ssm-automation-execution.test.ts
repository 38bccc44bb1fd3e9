import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import { DeploymentCancellation, SsmAutomationExecution } from '../../../lib';
import { permissionsOf, synthesize } from '../../helpers/template';

const DEPLOYMENT_ROLE = 'DeploymentCancellationWorkflowDeploymentRole75619BCC';
const EXECUTIONS = 'arn:aws:ssm:us-east-1:111122223333:automation-execution';
const ID = '0a1b2c3d-1111-4222-8333-444455556666';

const permissions = (deployment: SsmAutomationExecution) => {
  const template = synthesize((stack) => {
    new DeploymentCancellation(stack, 'Cancellation', { deployment });
  });
  return permissionsOf(template, DEPLOYMENT_ROLE).filter((one) => one.startsWith('ssm:'));
};

test('a specified execution needs permissions for itself only', () => {
  expect(permissions(SsmAutomationExecution.fromDocumentName('Deploy'))).toEqual([
    'ssm:DescribeAutomationExecutions on *',
    `ssm:GetAutomationExecution on ${EXECUTIONS}/*`,
    `ssm:StopAutomationExecution on ${EXECUTIONS}/*`,
  ]);
  expect(permissions(SsmAutomationExecution.fromExecutionId(ID))).toEqual([
    `ssm:GetAutomationExecution on ${EXECUTIONS}/${ID}`,
    `ssm:StopAutomationExecution on ${EXECUTIONS}/${ID}`,
  ]);
});

test('a runbook of the CDK is addressed by its name', () => {
  const stack = new Stack(new App(), 'Stack');
  const document = new CfnDocument(stack, 'Document', { content: {}, documentType: 'Automation' });
  const { identifiers } = SsmAutomationExecution.fromDocument(document)._toContract();
  expect(stack.resolve(identifiers)).toEqual({ documentName: { Ref: 'Document' } });
});

test('an execution is addressed by its ID', () => {
  const deployment = SsmAutomationExecution.fromExecutionId(ID);
  expect(deployment._toContract()).toEqual({ kind: 'ssm-automation-execution', identifiers: { executionId: ID } });
  expect(deployment.displayName).toBe(`ssm automation execution ${ID}`);
  const { valueAsString } = new CfnParameter(new Stack(new App(), 'Stack'), 'Id');
  expect(() => SsmAutomationExecution.fromExecutionId(valueAsString)).not.toThrow();
});

test('what is no document, name or ID is rejected', () => {
  expect(() => SsmAutomationExecution.fromDocument(JSON.parse('"Deploy"'))).toThrow(
    "document must be a CfnDocument of aws-ssm, not 'Deploy': use fromDocumentName for a name",
  );
  for (const name of ['', 'ab', 'a*b', 'x'.repeat(129)]) {
    expect(() => SsmAutomationExecution.fromDocumentName(name)).toThrow(
      /^documentName must have 3 to 128 letters, digits and _ - \. : \/, not '/,
    );
  }
  expect(() => SsmAutomationExecution.fromExecutionId('latest')).toThrow(
    "executionId must be the ID of an execution, a UUID in lowercase, not 'latest'",
  );
});
