import { SSMClient } from '@aws-sdk/client-ssm';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { ENVIRONMENT, type ExecutionEndedEvent, type RespondEvent } from '../../lib/contract/cancellation';
import type { FleetRespondEvent } from '../../lib/contract/fleet';
import { systemClock } from '../clock';
import { handleExecutionEnded } from './aborted-execution';
import { CLIENT_OPTIONS, onDemand } from './clients';
import type { Dependencies } from './dependencies';
import { handleResult } from './execution-result';
import { handleRequest } from './handle';
import { parameterStore } from './parameter-store';
import { httpResponseSender } from './response-sender';
import { cloudFormationStacks } from './stacks';
import { stepFunctions } from './step-functions';

const parameters = onDemand(() => new SSMClient(CLIENT_OPTIONS));
const path = process.env[ENVIRONMENT.parameterPath] ?? '';
const key = process.env[ENVIRONMENT.parameterKey];

const deps: Dependencies = {
  clock: systemClock,
  stacks: cloudFormationStacks(),
  executions: stepFunctions(),
  responseUrls: parameterStore(parameters, `${path}/response-urls`, key),
  guardStates: parameterStore(parameters, `${path}/guard-states`, key),
  responseSender: httpResponseSender,
};

/** The handler of the CloudFormation function: receives the requests of CloudFormation, and responds to them. */
export const handler = (
  event: CloudFormationCustomResourceEvent | RespondEvent | FleetRespondEvent | ExecutionEndedEvent,
): Promise<void> => {
  if ('RequestType' in event) return handleRequest(event, deps);
  return 'source' in event ? handleExecutionEnded(event, deps) : handleResult(event, deps);
};
