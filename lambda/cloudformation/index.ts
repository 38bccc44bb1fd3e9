import { SSMClient } from '@aws-sdk/client-ssm';
import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import { ENVIRONMENT, type ExecutionEndedEvent, type RespondEvent } from '../../lib/contract/cancellation';
import type { FleetRespondEvent } from '../../lib/contract/fleet';
import { systemClock } from '../clock';
import { createCall } from '../retry';
import { CLIENT_OPTIONS, onDemand } from './clients';
import type { Dependencies, Services } from './dependencies';
import { handleExecutionEnded } from './ended-execution';
import { handleResult } from './execution-result';
import { handleRequest } from './handle';
import { parameterStore } from './parameter-store';
import { httpResponseSender } from './response-sender';
import { isResponseUrl } from './response-url';
import { retryingServices } from './retrying-services';
import { cloudFormationStacks } from './stacks';
import { stepFunctions } from './step-functions';

/** The time of an invocation that is kept for sending the response, and for what follows it, in milliseconds. */
const RESPONSE_RESERVE = 100_000;

/** The time in which an invocation returns before Lambda ends it, in milliseconds. */
const MARGIN = 5_000;

const parameters = onDemand(() => new SSMClient(CLIENT_OPTIONS));
const path = process.env[ENVIRONMENT.parameterPath] ?? '';
const key = process.env[ENVIRONMENT.parameterKey];
const region = process.env.AWS_REGION ?? '';

const PATHS = { responseTarget: `${path}/response-urls`, guardState: `${path}/guard-states` } as const;

const services: Services = {
  stacks: cloudFormationStacks(),
  executions: stepFunctions(),
  responseTargets: parameterStore(parameters, PATHS.responseTarget, key),
  guardStates: parameterStore(parameters, PATHS.guardState, key),
};

/** For as long as the environment of the function lives. */
const access = { isAnyCallAllowed: false };

function dependenciesFor(context: Pick<Context, 'getRemainingTimeInMillis' | 'invokedFunctionArn'>): Dependencies {
  const end = systemClock.now() + context.getRemainingTimeInMillis() - MARGIN;
  const budget = { reserveFrom: end - RESPONSE_RESERVE, end };
  const [, partition, , , account] = context.invokedFunctionArn.split(':');
  const arnFor = (folder: string) => (parameter: string) =>
    `arn:${partition}:ssm:${region}:${account}:parameter${folder}/${parameter}`;
  const arns = { responseTarget: arnFor(PATHS.responseTarget), guardState: arnFor(PATHS.guardState) };
  return {
    ...retryingServices(services, createCall({ clock: systemClock, budget, access }), arns),
    clock: systemClock,
    budget,
    responseSender: httpResponseSender,
    isResponseUrl: (url) => isResponseUrl(url, region, process.env.AWS_ENDPOINT_URL),
  };
}

/** The handler of the CloudFormation function: receives the requests of CloudFormation, and responds to them. */
export const handler = (
  event: CloudFormationCustomResourceEvent | RespondEvent | FleetRespondEvent | ExecutionEndedEvent,
  context: Pick<Context, 'getRemainingTimeInMillis' | 'invokedFunctionArn'>,
): Promise<void> => {
  const deps = dependenciesFor(context);
  if ('RequestType' in event) return handleRequest(event, deps);
  return 'source' in event ? handleExecutionEnded(event, deps) : handleResult(event, deps);
};
