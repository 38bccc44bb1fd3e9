import {
  DeleteParameterCommand,
  GetParameterCommand,
  ParameterNotFound,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { errorName } from '../log';
import type { KeyValueStore } from './dependencies';

/** Replaces the service's error, whose message must not reach the log of Lambda or the history of the execution. */
class ParameterReadError extends Error {
  override readonly name = 'ParameterReadError';
}

/**
 * Stores values as encrypted parameters. Read access to the history of executions is not enough to read them.
 *
 * @param KeyId the KMS key; undefined for the AWS managed key
 */
export function parameterStore(client: () => SSMClient, path: string, KeyId: string | undefined): KeyValueStore {
  const parameterName = (key: string) => `${path}/${key}`;
  return {
    async put(key, value) {
      const Name = parameterName(key);
      await client().send(
        new PutParameterCommand({ Name, Value: value, Type: 'SecureString', KeyId, Overwrite: true }),
      );
    },

    async get(key) {
      try {
        const Name = parameterName(key);
        const { Parameter } = await client().send(new GetParameterCommand({ Name, WithDecryption: true }));
        return Parameter?.Value;
      } catch (error) {
        if (error instanceof ParameterNotFound) return undefined;
        throw new ParameterReadError(`ssm:GetParameter failed with ${errorName(error)}`);
      }
    },

    async delete(key) {
      try {
        await client().send(new DeleteParameterCommand({ Name: parameterName(key) }));
      } catch (error) {
        if (!(error instanceof ParameterNotFound)) throw error;
      }
    },
  };
}
