import { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import {
  Choice,
  Condition,
  DefinitionBody,
  JsonPath,
  Map as MapState,
  Pass,
  Succeed,
  Wait,
  WaitTime,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { STEPS } from '../../contract/cancellation';
import {
  type BatchEvent,
  type BatchResult,
  type EndedFleet,
  type FindEvent,
  FLEET_STEPS,
  type FleetResult,
  type SummarizeEvent,
} from '../../contract/fleet';
import { createEndStates, type EventStates, failureReason, type Paths, task } from './workflow-definition';

/** The description of the state machine. */
export const FLEET_COMMENT = 'Cancels many deployments, waits until all are over, and returns their number by outcome';

export function fleetDefinition(scope: Construct, deployment: IFunction, cloudFormation: IFunction): DefinitionBody {
  return DefinitionBody.fromChainable(fleetStates(scope, deployment, cloudFormation));
}

/**
 * The state machine of a fleet: finds the deployments in flight and cancels them in batches. The result of a batch is
 * counts of a fixed size, which replace the batches, so that 10,000 deployments fit into the state.
 *
 * @param putEvent creates the state that puts an event before a last state. Default: no event is put
 */
export function fleetStates(
  scope: Construct,
  deployment: IFunction,
  cloudFormation: IFunction,
  putEvent?: EventStates,
): LambdaInvoke {
  const request = JsonPath.stringAt('$$.Execution.Input');
  const startTime = JsonPath.stringAt('$$.Execution.StartTime');
  const find: Paths<FindEvent> = { fleetStep: FLEET_STEPS.FIND, request, startTime };
  const summarizing: Paths<SummarizeEvent> = {
    fleetStep: FLEET_STEPS.SUMMARISE,
    request,
    results: JsonPath.stringAt('$.progress'),
  };

  const { requestedByCloudFormation, explainFailure } = createEndStates(
    scope,
    cloudFormation,
    { result: unknownFailure(), ended: UNKNOWN_FLEET },
    putEvent,
  );
  const findFleet = task(scope, 'FindFleet', deployment, find, '$.progress');
  const waitToFind = new Wait(scope, 'WaitToFind', { time: WaitTime.secondsPath('$.progress.waitSeconds') });
  // It calls no service. If it hangs after a batch that hangs, CloudFormation must still wait for the response.
  const timeout = Duration.minutes(1);
  const summarize = task(scope, 'Summarise', deployment, summarizing, '$.progress', { timeout });
  const cancelBatches = new MapState(scope, 'CancelBatches', {
    itemsPath: '$.progress.batches',
    itemSelector: {
      activeCount: JsonPath.stringAt('$.progress.activeCount'),
      batch: JsonPath.stringAt('$$.Map.Item.Value'),
    },
    resultPath: '$.progress',
  });
  cancelBatches.itemProcessor(oneBatch(scope, deployment));

  const found = new Choice(scope, 'Found?')
    .when(Condition.stringEquals('$.progress.next', STEPS.CANCEL), cancelBatches)
    .when(Condition.stringEquals('$.progress.next', STEPS.END), requestedByCloudFormation)
    .otherwise(waitToFind);
  findFleet.next(found);
  waitToFind.next(findFleet);
  cancelBatches.next(summarize);
  summarize.next(requestedByCloudFormation);
  for (const step of [findFleet, cancelBatches, summarize]) {
    step.addCatch(explainFailure, { resultPath: '$.error' });
  }
  return findFleet;
}

/** The loop of one batch. It always has a result, also when its function fails, so that the other batches go on. */
function oneBatch(scope: Construct, deployment: IFunction): LambdaInvoke {
  const step: Paths<BatchEvent> = {
    fleetStep: FLEET_STEPS.CANCEL,
    request: JsonPath.stringAt('$$.Execution.Input'),
    startTime: JsonPath.stringAt('$$.Execution.StartTime'),
    activeCount: JsonPath.stringAt('$.activeCount'),
    batch: JsonPath.stringAt('$.batch'),
  };
  const cutOff: { readonly [K in keyof Required<BatchResult>]: unknown } = {
    counts: JsonPath.stringAt('$.batch.counts'),
    unfinished: JsonPath.numberAt('$.batch.left'),
    error: JsonPath.stringAt('$.error.Error'),
  };
  const cancelBatch = task(scope, 'CancelBatch', deployment, step, '$.batch');
  const wait = new Wait(scope, 'Wait', { time: WaitTime.secondsPath('$.batch.waitSeconds') });
  const over = new Choice(scope, 'BatchOver?')
    .when(
      Condition.stringEquals('$.batch.next', STEPS.END),
      new Succeed(scope, 'BatchEnded', { outputPath: '$.batch' }),
    )
    .otherwise(wait);
  cancelBatch.addCatch(new Pass(scope, 'BatchCutOff', { parameters: cutOff }), { resultPath: '$.error' }).next(over);
  wait.next(cancelBatch);
  return cancelBatch;
}

const UNKNOWN_FLEET: EndedFleet = { kind: '', displayName: '', outcome: 'ERROR', counts: {} };

/** The result if a function failed. */
function unknownFailure(): FleetResult {
  return { outcome: 'ERROR', failed: true, reason: failureReason(), attributes: { summary: 'unknown' } };
}
