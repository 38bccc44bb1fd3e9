import { TIMEOUT_SECONDS } from '../lib/contract/cancellation';
import { type Fleet, type FleetInput, type ListedFleet, MAX_CONCURRENCY, MAX_LISTED } from '../lib/contract/fleet';
import { FLEET_KINDS, fleetKindDefinition } from '../lib/deployments/fleet-kinds';
import { stringValidator } from '../lib/deployments/validator';
import {
  InvalidRequestError,
  oneOf,
  optionalInstant,
  own,
  parseDeployment,
  parseEnvelope,
  parseOptions,
  parseSettings,
  record,
  requireInTime,
  show,
  validString,
  wholeNumber,
} from './parse';

const validateStackId = stringValidator({
  pattern: /^arn:[\w-]+:cloudformation:[^:\s]+:\d{12}:stack\/[^/\s]+\/[^/\s]+$/,
  rule: 'be the ID of a stack',
});

const KINDS: readonly string[] = ['list', ...Object.keys(FLEET_KINDS)];

/** A fleet cancellation, from any caller. */
export interface FleetRequest extends Omit<FleetInput, 'contractVersion' | 'cloudFormation'> {
  /** The ID of the stack that waits for the cancellation; undefined if no stack does. */
  readonly ownStackId?: string;
}

/** Parses untrusted data: CloudFormation turns every scalar into a string, and anyone may start the state machine. */
export function parseFleetRequest(input: unknown): FleetRequest {
  const request = parseEnvelope(input);
  const fleet = parseFleet(own(request, 'fleet'));
  const settings = parseSettings(own(request, 'settings'), TIMEOUT_SECONDS);
  for (const one of 'deployments' in fleet ? fleet.deployments : [fleet]) requireInTime(one, settings);
  return {
    fleet,
    settings,
    concurrency: wholeNumber(
      own(request, 'concurrency') ?? MAX_CONCURRENCY,
      { min: 1, max: MAX_CONCURRENCY },
      'concurrency',
    ),
    ...optionalInstant(request, 'requestedAt'),
    ...ownStack(own(request, 'cloudFormation')),
  };
}

/** Without the ID, a fleet of stacks could cancel the update of the stack that waits for it. */
function ownStack(cloudFormation: unknown): Pick<FleetRequest, 'ownStackId'> {
  if (cloudFormation === undefined) return {};
  return { ownStackId: validString(record(cloudFormation, 'cloudFormation'), 'StackId', validateStackId) };
}

function parseFleet(input: unknown): Fleet {
  const fleet = record(input, 'fleet');
  const kind = oneOf(own(fleet, 'kind'), KINDS, 'fleet.kind');
  if (kind === 'list') return { kind, deployments: parseList(own(fleet, 'deployments')) };
  const given = record(own(fleet, 'identifiers'), 'fleet.identifiers');
  const definition = fleetKindDefinition(kind);
  const identifiers = Object.entries(definition.identifiers).map(([name, { validate }]) => [
    name,
    validString(given, name, validate),
  ]);
  const options = parseOptions(kind, definition.options, own(fleet, 'options') ?? {}, 'fleet.options');
  return { kind, identifiers: Object.fromEntries(identifiers), ...(definition.options && { options }) };
}

function parseList(input: unknown): ListedFleet['deployments'] {
  if (!Array.isArray(input)) throw new InvalidRequestError(`fleet.deployments must be a list, not ${show(input)}`);
  if (input.length < 1 || input.length > MAX_LISTED) {
    throw new InvalidRequestError(
      `fleet.deployments must hold from 1 to ${MAX_LISTED} deployments, not ${input.length}`,
    );
  }
  return input.map(parseDeployment);
}
