import { FLEET_KINDS, type Fleet, type FleetInput, MAX_BATCHES, MAX_LISTED } from '../lib/contract/fleet';
import { PROTON_FLEETS } from '../lib/deployments/proton/fleet-kinds';
import {
  InvalidRequestError,
  oneOf,
  own,
  parseDeployment,
  parseEnvelope,
  parseSettings,
  protonName,
  record,
  show,
  wholeNumber,
} from './parse';

/** A fleet cancellation, from any caller. */
export type FleetRequest = Omit<FleetInput, 'contractVersion' | 'cloudFormation'>;

/** Parses untrusted data: CloudFormation turns every scalar into a string, and anyone may start the state machine. */
export function parseFleetRequest(input: unknown): FleetRequest {
  const request = parseEnvelope(input);
  return {
    fleet: parseFleet(own(request, 'fleet')),
    settings: parseSettings(own(request, 'settings')),
    concurrency: wholeNumber(own(request, 'concurrency') ?? MAX_BATCHES, { min: 1, max: MAX_BATCHES }, 'concurrency'),
  };
}

function parseFleet(input: unknown): Fleet {
  const fleet = record(input, 'fleet');
  const kind = oneOf(own(fleet, 'kind'), FLEET_KINDS, 'fleet.kind');
  if (kind === 'list') return { kind, deployments: parseList(own(fleet, 'deployments')) };
  const { name } = PROTON_FLEETS[kind];
  return { kind, identifiers: { [name]: protonName(record(own(fleet, 'identifiers'), 'fleet.identifiers'), name) } };
}

function parseList(input: unknown): Extract<Fleet, { kind: 'list' }>['deployments'] {
  if (!Array.isArray(input)) throw new InvalidRequestError(`fleet.deployments must be a list, not ${show(input)}`);
  if (input.length < 1 || input.length > MAX_LISTED) {
    throw new InvalidRequestError(
      `fleet.deployments must hold from 1 to ${MAX_LISTED} deployments, not ${input.length}`,
    );
  }
  return input.map(parseDeployment);
}
