import type { IamRequest } from '../aws/iam';
import { isRead } from './consistency';
import { type AwsEnvironment, arnOf } from './environment';
import { type HttpService, ServiceError } from './http-server';
import type { Input } from './json-input';
import type { EmulatedService, Observable } from './service';

interface Simulated extends Observable {
  readonly environment: AwsEnvironment;
  seenBy(action: string): this;
}

export interface Operation<S extends Simulated> {
  answer(simulated: S, input: Input): object;
  /** The resources that IAM checks: their ARNs after `arn:PARTITION:SERVICE:REGION:ACCOUNT:`, or `*` without a resource type. */
  resources(simulated: S, input: Input): readonly string[];
  /** The values of the condition keys of the service. */
  context?(simulated: S, input: Input): IamRequest['context'];
  /** The answer to a caller who is not allowed to call it. Default: an error. */
  readonly deniedAnswer?: object;
}

/** The emulated operations of a service. */
export interface JsonApi<S extends Simulated> extends Pick<HttpService, 'service' | 'protocol'> {
  /** The full name of the service: `Amazon ECS`. */
  readonly title: string;
  readonly operations: Readonly<Record<string, Operation<S>>>;
}

/** Creates the service that answers the operations of an API from a simulated service. */
export function emulate<S extends Simulated>(
  { service, protocol, title, operations }: JsonApi<S>,
  simulated: S,
): EmulatedService & { readonly simulated: S } {
  const find = (operation: string) => (Object.hasOwn(operations, operation) ? operations[operation] : undefined);
  return {
    simulated,
    api: {
      service,
      protocol,
      operationNames: Object.keys(operations),
      call({ operation, input }) {
        const known = find(operation);
        if (known)
          return known.answer(isRead(operation) ? simulated.seenBy(`${service}:${operation}`) : simulated, input);
        throw new ServiceError(
          'UnknownOperationException',
          `the emulated ${title} has no ${operation}; it has ${Object.keys(operations).join(', ')}`,
        );
      },
    },
    deniedAnswer: (operation) => find(operation)?.deniedAnswer,
    // A call with an input that the service rejects needs no permission.
    iamRequests({ operation, input }): IamRequest[] {
      try {
        const known = find(operation);
        const context = known?.context?.(simulated, input);
        return (known?.resources(simulated, input) ?? []).map((path) => ({
          action: `${service}:${operation}`,
          resource: path === '*' ? path : arnOf(simulated.environment, service, path),
          ...(context && { context }),
        }));
      } catch (error) {
        if (error instanceof ServiceError) return [];
        throw error;
      }
    },
  };
}
