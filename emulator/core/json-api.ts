import type { IamRequest } from '../aws/iam';
import { type JsonService, ServiceError } from './http-server';
import type { Input } from './json-input';
import type { EmbeddedService, Observable } from './service';
import { type AwsEnvironment, arnOf } from './simulated-service';

interface World extends Observable {
  readonly environment: AwsEnvironment;
}

export interface Operation<W extends World> {
  answer(world: W, input: Input): object;
  /** The resources that IAM checks: their ARNs after `arn:PARTITION:SERVICE:REGION:ACCOUNT:`, or `*` without a resource type. */
  resources(world: W, input: Input): readonly string[];
}

/** The operations of a service with a JSON protocol, as far as the emulator has them. */
export interface JsonApi<W extends World> extends Pick<JsonService, 'service' | 'target' | 'version'> {
  /** The name of the service for people: `Amazon ECS`. */
  readonly title: string;
  readonly operations: Readonly<Record<string, Operation<W>>>;
}

/** The service that answers the operations of an API from what a world holds. */
export function embedded<W extends World>(
  { service, target, version, title, operations }: JsonApi<W>,
  world: W,
): EmbeddedService & { readonly world: W } {
  const find = (operation: string) => (Object.hasOwn(operations, operation) ? operations[operation] : undefined);
  return {
    world,
    api: {
      service,
      target,
      version,
      call({ operation, input }) {
        const known = find(operation);
        if (known) return known.answer(world, input);
        throw new ServiceError(
          'UnknownOperationException',
          `This is an embedded ${title} without ${operation}. It knows ${Object.keys(operations).join(', ')}.`,
        );
      },
    },
    /** No permission is needed for a call with an input that the service rejects. */
    iamRequests({ operation, input }): IamRequest[] {
      try {
        const resources = find(operation)?.resources(world, input) ?? [];
        const action = `${service}:${operation}`;
        return resources.map((path) => ({
          action,
          resource: path === '*' ? path : arnOf(world.environment, service, path),
        }));
      } catch (error) {
        if (error instanceof ServiceError) return [];
        throw error;
      }
    },
  };
}
