import * as codedeploy from '@aws-sdk/client-codedeploy';
import * as codepipeline from '@aws-sdk/client-codepipeline';
import * as ecs from '@aws-sdk/client-ecs';
import * as proton from '@aws-sdk/client-proton';
import * as sfn from '@aws-sdk/client-sfn';
import { describeEvent } from '../../emulator/aws/step-functions/history';
import { VirtualClock } from '../../emulator/core/clock';
import { DEFAULT_ENVIRONMENT } from '../../emulator/core/environment';
import type { EmulatedApi } from '../../emulator/core/http-server';
import { emulateCodeDeploy } from '../../emulator/services/codedeploy/service';
import { emulateCodePipeline } from '../../emulator/services/codepipeline/service';
import { scenario } from '../../emulator/services/proton/scenarios';
import { protonService } from '../../emulator/services/proton/service';
import { SimulatedProton } from '../../emulator/services/proton/simulated-service';
import { scenarioOf } from '../../emulator/simulation/find-scenario';
import { inputOf, problemsWith } from '../helpers/api-schema';

function frozenClock(): VirtualClock {
  const clock = new VirtualClock();
  clock.hold();
  return clock;
}

const CLOCK = frozenClock();
const ECS = (() => {
  const [factory] = scenarioOf('ecs-service-deployment', 'paused').services ?? [];
  const service = factory?.(CLOCK);
  if (!service || !('api' in service)) throw new Error('there is no emulated ECS');
  return service.api;
})();
const { api: CODEDEPLOY, simulated: codeDeploy } = emulateCodeDeploy(
  { applications: [{ name: 'shop', deploymentGroups: [{ name: 'web', deployments: [{}] }] }] },
  CLOCK,
);
const { api: CODEPIPELINE, simulated: codePipeline } = emulateCodePipeline(
  { pipelines: [{ name: 'release', executions: [{}] }] },
  CLOCK,
);
const PROTON = protonService(new SimulatedProton(scenario('cancelled').seed, CLOCK, DEFAULT_ENVIRONMENT));

const group = { applicationName: 'shop', deploymentGroupName: 'web' };
const deploymentId = codeDeploy.deployments[0]?.id;
const pipelineExecutionId = codePipeline.resource('release').deployments[0]?.id;
const [deployment] = (
  ECS.call({ service: 'ecs', operation: 'ListServiceDeployments', input: { cluster: 'prod', service: 'web' } }) as {
    serviceDeployments: { serviceDeploymentArn: string }[];
  }
).serviceDeployments;
const serviceDeploymentArn = deployment?.serviceDeploymentArn;
const [hook] = (
  ECS.call({
    service: 'ecs',
    operation: 'DescribeServiceDeployments',
    input: { serviceDeploymentArns: [serviceDeploymentArn] },
  }) as { serviceDeployments: { lifecycleHookDetails: { hookId: string }[] }[] }
).serviceDeployments.flatMap(({ lifecycleHookDetails }) => lifecycleHookDetails);

/** Calls of every operation, in an order in which each succeeds. */
const CALLS: readonly [EmulatedApi, string, object, unknown, unknown][] = [
  [ECS, 'ListServices', { cluster: 'prod' }, ecs.ListServicesRequest$, ecs.ListServicesResponse$],
  [
    ECS,
    'ListServiceDeployments',
    { cluster: 'prod', service: 'web' },
    ecs.ListServiceDeploymentsRequest$,
    ecs.ListServiceDeploymentsResponse$,
  ],
  [
    ECS,
    'ContinueServiceDeployment',
    { serviceDeploymentArn, hookId: hook?.hookId, action: 'ROLLBACK' },
    ecs.ContinueServiceDeploymentRequest$,
    ecs.ContinueServiceDeploymentResponse$,
  ],
  [
    ECS,
    'StopServiceDeployment',
    { serviceDeploymentArn },
    ecs.StopServiceDeploymentRequest$,
    ecs.StopServiceDeploymentResponse$,
  ],
  [
    ECS,
    'DescribeServiceDeployments',
    { serviceDeploymentArns: [serviceDeploymentArn] },
    ecs.DescribeServiceDeploymentsRequest$,
    ecs.DescribeServiceDeploymentsResponse$,
  ],
  [
    ECS,
    'UpdateService',
    { cluster: 'prod', service: 'web', taskDefinition: 'web:3' },
    ecs.UpdateServiceRequest$,
    ecs.UpdateServiceResponse$,
  ],
  [CODEDEPLOY, 'ListDeployments', group, codedeploy.ListDeploymentsInput$, codedeploy.ListDeploymentsOutput$],
  [CODEDEPLOY, 'StopDeployment', { deploymentId }, codedeploy.StopDeploymentInput$, codedeploy.StopDeploymentOutput$],
  [CODEDEPLOY, 'GetDeployment', { deploymentId }, codedeploy.GetDeploymentInput$, codedeploy.GetDeploymentOutput$],
  [
    CODEDEPLOY,
    'BatchGetDeployments',
    { deploymentIds: [deploymentId] },
    codedeploy.BatchGetDeploymentsInput$,
    codedeploy.BatchGetDeploymentsOutput$,
  ],
  [CODEDEPLOY, 'GetDeploymentGroup', group, codedeploy.GetDeploymentGroupInput$, codedeploy.GetDeploymentGroupOutput$],
  [
    CODEPIPELINE,
    'StopPipelineExecution',
    { pipelineName: 'release', pipelineExecutionId },
    codepipeline.StopPipelineExecutionInput$,
    codepipeline.StopPipelineExecutionOutput$,
  ],
  [
    CODEPIPELINE,
    'ListPipelineExecutions',
    { pipelineName: 'release' },
    codepipeline.ListPipelineExecutionsInput$,
    codepipeline.ListPipelineExecutionsOutput$,
  ],
  [
    CODEPIPELINE,
    'GetPipelineExecution',
    { pipelineName: 'release', pipelineExecutionId },
    codepipeline.GetPipelineExecutionInput$,
    codepipeline.GetPipelineExecutionOutput$,
  ],
  [
    PROTON,
    'GetServiceInstance',
    { serviceName: 'web', name: 'web-prod' },
    proton.GetServiceInstanceInput$,
    proton.GetServiceInstanceOutput$,
  ],
  [PROTON, 'ListServiceInstances', {}, proton.ListServiceInstancesInput$, proton.ListServiceInstancesOutput$],
];

describe.each(CALLS)('%#', (api, operation, input, inputSchema, outputSchema) => {
  test(`${api.service} ${operation} has the members and types of the SDK`, async () => {
    const { members, required } = inputOf(inputSchema);
    expect(members).toEqual(expect.arrayContaining(Object.keys(input)));
    expect(Object.keys(input)).toEqual(expect.arrayContaining([...required]));
    const output = await api.call({ service: api.service, operation, input: { ...input } });
    expect(problemsWith(outputSchema, output)).toEqual([]);
  });
});

test('every operation of ECS, CodeDeploy and CodePipeline is checked', () => {
  const checked = (api: EmulatedApi) => CALLS.flatMap(([one, operation]) => (one === api ? [operation] : []));
  for (const api of [ECS, CODEDEPLOY, CODEPIPELINE]) {
    expect(checked(api).toSorted()).toEqual([...api.operationNames].toSorted());
  }
});

test.each([
  ['LambdaFunctionScheduled', { resource: 'arn', input: '{}' }],
  ['LambdaFunctionStarted', {}],
  ['LambdaFunctionSucceeded', { output: '{}' }],
  ['TaskStarted', { resourceType: 'lambda', resource: 'invoke' }],
  ['TaskStateEntered', { name: 'A', input: '{}' }],
  ['ExecutionAborted', {}],
])('an event of an execution has the members of the SDK: %s', (type, details) => {
  const event = describeEvent({ executionArn: 'arn', id: 2, timestamp: 0, type, details });
  expect(problemsWith(sfn.HistoryEvent$, event)).toEqual([]);
});

test.each([
  [{ nextToken: 1 }, ['response.nextToken is no string']],
  [{ services: [] }, ['response.services does not exist']],
  [{ serviceArns: 'a' }, ['response.serviceArns is no list']],
  [{ serviceArns: [1] }, ['response.serviceArns[0] is no string']],
])('the check finds the problems of %j', (value, problems) => {
  expect(problemsWith(ecs.ListServicesResponse$, value)).toEqual(problems);
});
