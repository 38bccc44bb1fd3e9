// npx cdk deploy --all --app 'npx tsx test/integ/integ.stack-update.ts'
import { ExpectedResult, IntegTest, Match } from '@aws-cdk/integ-tests-alpha';
import { CfnParameter, CustomResource, Duration, Stack } from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { CancellationWorkflow, StackUpdate } from '../../lib/index';
import { integApp } from './app';
import { expectEnd } from './executions';

const app = integApp();

/** A stack whose update to the version `stuck` takes 15 minutes. */
const stuck = new Stack(app, 'StuckUpdate');
const version = new CfnParameter(stuck, 'Version', { default: 'first' });
const handler = new LambdaFunction(stuck, 'Handler', {
  runtime: Runtime.NODEJS_22_X,
  handler: 'index.handler',
  code: Code.fromInline(`
    const { send, SUCCESS } = require('cfn-response');
    exports.handler = (event, context) => {
      if (event.RequestType !== 'Delete' && event.ResourceProperties.version === 'stuck') return;
      send(event, context, SUCCESS, {}, 'stuck');
    };`),
});
new CustomResource(stuck, 'Resource', {
  serviceToken: handler.functionArn,
  serviceTimeout: Duration.minutes(15),
  properties: { version: version.valueAsString },
});

const own = new Stack(app, 'CancelStuckUpdate');
const workflow = CancellationWorkflow.of(own);
const input = workflow.inputFor(StackUpdate.fromStack(stuck));

const test = new IntegTest(app, 'StackUpdateIsCancelled', { testCases: [stuck, own] });
const update = test.assertions.awsApiCall('CloudFormation', 'updateStack', {
  StackName: stuck.stackName,
  UsePreviousTemplate: true,
  Parameters: [{ ParameterKey: version.logicalId, ParameterValue: 'stuck' }],
  Capabilities: ['CAPABILITY_IAM'],
});
const cancelled = Match.objectLike({ outcome: 'CANCELLED', deploymentStatus: 'UPDATE_ROLLBACK_COMPLETE' });
const expected = ExpectedResult.objectLike({ status: 'SUCCEEDED', output: Match.serializedJson(cancelled) });
expectEnd(test, own, workflow, input, expected, update);
