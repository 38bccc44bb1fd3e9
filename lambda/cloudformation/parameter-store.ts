import {
  DeleteParameterCommand,
  GetParameterCommand,
  ParameterNotFound,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { errorName } from '../log';
import type { KeyValueStore } from './dependencies';

/** In the place of the service's own error: Lambda logs what a function fails with, and an execution's history keeps it. */
class ParameterReadError extends Error {
  override readonly name = 'ParameterReadError';
}

/**
 * Encrypted parameters: the history of an execution can be read by whoever may look at it, these can not.
 *
 * @param KeyId the key, if it is not the one that AWS holds
 */
export function parameterStore(client: () => SSMClient, path: string, KeyId: string | undefined): KeyValueStore {
  const parameter = (name: string) => `${path}/${name}`;
  return {
    async put(name, text) {
      const Name = parameter(name);
      await client().send(new PutParameterCommand({ Name, Value: text, Type: 'SecureString', KeyId, Overwrite: true }));
    },

    async get(name) {
      try {
        const Name = parameter(name);
        const found = await client().send(new GetParameterCommand({ Name, WithDecryption: true }));
        return found.Parameter?.Value;
      } catch (error) {
        if (error instanceof ParameterNotFound) return undefined;
        throw new ParameterReadError(`ssm:GetParameter failed with ${errorName(error)}`);
      }
    },

    async delete(name) {
      try {
        await client().send(new DeleteParameterCommand({ Name: parameter(name) }));
      } catch (error) {
        if (!(error instanceof ParameterNotFound)) throw error;
      }
    },
  };
}
