// npx cdk deploy --all --app 'npx tsx test/integ/integ.proton.ts'
import { ExpectedResult, IntegTest, Match } from '@aws-cdk/integ-tests-alpha';
import { Stack } from 'aws-cdk-lib';
import { CancellationWorkflow, ProtonDeployment } from '../../lib/index';
import { integApp } from './app';
import { expectEnd } from './executions';

const app = integApp();

/** AWS ended Proton: the execution says so within a minute. */
const stack = new Stack(app, 'CancelAfterProton');
const workflow = CancellationWorkflow.of(stack);
const input = workflow.inputFor(
  ProtonDeployment.serviceInstance({ serviceName: 'web', serviceInstanceName: 'web-prod' }),
);

const test = new IntegTest(app, 'ProtonIsUnavailable', { testCases: [stack] });
const cause = Match.stringLikeRegexp('AWS ended Proton on 2026-10-07');
expectEnd(test, stack, workflow, input, ExpectedResult.objectLike({ status: 'FAILED', error: 'UNAVAILABLE', cause }));
