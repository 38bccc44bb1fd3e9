import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import {
  type CancellationInput,
  type CloudFormationRequest,
  CONTRACT_VERSION,
  GUARD_RESOURCE_TYPE,
  RESOURCE_TYPE,
} from '../../lib/contract/cancellation';
import { FLEET_RESOURCE_TYPE, type FleetInput } from '../../lib/contract/fleet';
import { type GuardOptions, InvalidRequestError, parseGuard, parseProperties, parseStateMachineArn } from '../parse';
import { parseFleetRequest } from '../parse-fleet';
import { executionName, toRequest } from './request-identity';
import type { ResponseTarget } from './response-target';
import { type SignedTimes, signedTimesOf } from './response-url';

/** A parsed value, or the error that says why it could not be parsed. */
export type OrInvalid<T> = T | InvalidRequestError;

/** The properties of a cancellation: the input of its execution, without the request to respond to. */
export type ParsedCancellationProperties = Omit<CancellationInput, 'cloudFormation'>;

/** The properties of a fleet cancellation. */
export type ParsedFleetProperties = Omit<FleetInput, 'cloudFormation'>;

/** The properties of a guard. */
export interface ParsedGuardProperties {
  readonly cancellation: ParsedCancellationProperties;
  readonly options: GuardOptions;
}

interface RequestOf<ResourceType extends string> {
  readonly resourceType: ResourceType;
  /** The fields that the response repeats. */
  readonly identity: CloudFormationRequest;
  /** A secret: it is never logged, and never part of a plan or of the input of an execution. */
  readonly responseUrl: string;
  /** The times that the response URL carries. */
  readonly times: SignedTimes | undefined;
  /** The name of the execution that is started for this request. */
  readonly executionName: string;
  readonly stateMachineArn: OrInvalid<string>;
}

type Change<Properties> =
  | { readonly requestType: 'Create' | 'Delete'; readonly properties: OrInvalid<Properties> }
  | {
      readonly requestType: 'Update';
      readonly properties: OrInvalid<Properties>;
      readonly oldProperties: OrInvalid<Properties>;
    };

export type ParsedCancellationRequest = RequestOf<typeof RESOURCE_TYPE> & Change<ParsedCancellationProperties>;
export type ParsedFleetRequest = RequestOf<typeof FLEET_RESOURCE_TYPE> & Change<ParsedFleetProperties>;
export type ParsedGuardRequest = RequestOf<typeof GUARD_RESOURCE_TYPE> & Change<ParsedGuardProperties>;

/** A request of CloudFormation, parsed once. Parts that could not be parsed are errors in it: every request can be answered. */
export type ParsedRequest = ParsedCancellationRequest | ParsedFleetRequest | ParsedGuardRequest;

/** Parses an event of CloudFormation. Never throws because of the properties. */
export function parseEvent(event: CloudFormationCustomResourceEvent): ParsedRequest {
  const request = {
    identity: toRequest(event),
    responseUrl: event.ResponseURL,
    times: signedTimesOf(event.ResponseURL),
    executionName: executionName(event),
    stateMachineArn: parseOrError(parseStateMachineArn, event.ResourceProperties),
  };
  switch (event.ResourceType) {
    case GUARD_RESOURCE_TYPE:
      return { resourceType: GUARD_RESOURCE_TYPE, ...request, ...parseChange(event, parseGuardProperties) };
    case FLEET_RESOURCE_TYPE:
      return { resourceType: FLEET_RESOURCE_TYPE, ...request, ...parseChange(event, parseFleetProperties) };
    default:
      return { resourceType: RESOURCE_TYPE, ...request, ...parseChange(event, parseCancellationProperties) };
  }
}

/** The target of a response that is sent at once. */
export function targetOf({ resourceType, identity, responseUrl, executionName }: ParsedRequest): ResponseTarget {
  return { url: responseUrl, requester: { resourceType, identity }, executionName, isStored: false };
}

/** The time of a request in the form of the contract. */
export function requestTimeOf({ times }: ParsedRequest): { readonly requestedAt?: string } {
  return times === undefined ? {} : { requestedAt: new Date(times.requestedAt).toISOString() };
}

function parseChange<Properties>(
  event: CloudFormationCustomResourceEvent,
  parse: (properties: unknown) => Properties,
): Change<Properties> {
  const properties = parseOrError(parse, event.ResourceProperties);
  if (event.RequestType !== 'Update') return { requestType: event.RequestType, properties };
  return { requestType: 'Update', properties, oldProperties: parseOrError(parse, event.OldResourceProperties) };
}

function parseOrError<T>(parse: (properties: unknown) => T, properties: unknown): OrInvalid<T> {
  try {
    return parse(properties);
  } catch (error) {
    if (error instanceof InvalidRequestError) return error;
    throw error;
  }
}

function parseCancellationProperties(properties: unknown): ParsedCancellationProperties {
  return { contractVersion: CONTRACT_VERSION, ...parseProperties(properties) };
}

function parseFleetProperties(properties: unknown): ParsedFleetProperties {
  return { contractVersion: CONTRACT_VERSION, ...parseFleetRequest(properties) };
}

function parseGuardProperties(properties: unknown): ParsedGuardProperties {
  return { options: parseGuard(properties), cancellation: parseCancellationProperties(properties) };
}
