import { SSMClient } from '@aws-sdk/client-ssm';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { type AnswerEvent, ENVIRONMENT, type ExecutionEnded } from '../../lib/contract/cancellation';
import type { FleetAnswerEvent } from '../../lib/contract/fleet';
import { systemClock } from '../clock';
import { handleEnd } from './aborted-execution';
import { CLIENT_OPTIONS, onDemand } from './clients';
import type { Doors } from './dependencies';
import { handleRequest, handleResult } from './handle';
import { parameterStore } from './parameter-store';
import { httpMailbox } from './response-sender';
import { cloudFormationStacks } from './stacks';
import { stepFunctions } from './step-functions';

const parameters = onDemand(() => new SSMClient(CLIENT_OPTIONS));
const path = process.env[ENVIRONMENT.parameterPath] ?? '';
const key = process.env[ENVIRONMENT.parameterKey];

const doors: Doors = {
  clock: systemClock,
  stacks: cloudFormationStacks(),
  executions: stepFunctions(),
  answerPlaces: parameterStore(parameters, `${path}/answer-places`, key),
  watches: parameterStore(parameters, `${path}/watches`, key),
  mailbox: httpMailbox,
};

/** The CloudFormation function: takes the requests of CloudFormation, and answers them. */
export const handler = (
  event: CloudFormationCustomResourceEvent | AnswerEvent | FleetAnswerEvent | ExecutionEnded,
): Promise<void> => {
  if ('RequestType' in event) return handleRequest(event, doors);
  return 'source' in event ? handleEnd(event, doors) : handleResult(event, doors);
};
