import {
  DeleteParameterCommand,
  GetParameterCommand,
  ParameterNotFound,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { errorName } from '../log';
import type { Notes } from './dependencies';

/** In the place of the service's own error: Lambda logs what a function fails with, and an execution's history keeps it. */
class ParameterNotRead extends Error {
  override readonly name = 'ParameterNotRead';
}

/**
 * Encrypted parameters: the history of an execution can be read by whoever may look at it, these can not.
 *
 * @param KeyId the key, if it is not the one that AWS holds
 */
export function parameterStore(client: () => SSMClient, path: string, KeyId: string | undefined): Notes {
  const parameter = (name: string) => `${path}/${name}`;
  return {
    async keep(name, text) {
      const Name = parameter(name);
      await client().send(new PutParameterCommand({ Name, Value: text, Type: 'SecureString', KeyId, Overwrite: true }));
    },

    async find(name) {
      try {
        const Name = parameter(name);
        const found = await client().send(new GetParameterCommand({ Name, WithDecryption: true }));
        return found.Parameter?.Value;
      } catch (error) {
        if (error instanceof ParameterNotFound) return undefined;
        throw new ParameterNotRead(`ssm:GetParameter failed with ${errorName(error)}`);
      }
    },

    async forget(name) {
      try {
        await client().send(new DeleteParameterCommand({ Name: parameter(name) }));
      } catch (error) {
        if (!(error instanceof ParameterNotFound)) throw error;
      }
    },
  };
}
