import {
  DeleteParameterCommand,
  GetParameterCommand,
  ParameterAlreadyExists,
  ParameterNotFound,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import type { KeyValueStore } from './dependencies';

/**
 * Stores values as encrypted parameters. Read access to the history of executions is not enough to read them.
 *
 * @param KeyId the KMS key; undefined for the AWS managed key
 */
export function parameterStore(client: () => SSMClient, path: string, KeyId: string | undefined): KeyValueStore {
  const parameterName = (key: string) => `${path}/${key}`;
  const write = (key: string, Value: string, Overwrite: boolean) =>
    client().send(new PutParameterCommand({ Name: parameterName(key), Value, Type: 'SecureString', KeyId, Overwrite }));
  return {
    async create(key, value) {
      try {
        await write(key, value, false);
        return true;
      } catch (error) {
        if (error instanceof ParameterAlreadyExists) return false;
        throw error;
      }
    },

    async put(key, value) {
      await write(key, value, true);
    },

    async get(key) {
      try {
        const Name = parameterName(key);
        const { Parameter } = await client().send(new GetParameterCommand({ Name, WithDecryption: true }));
        return Parameter?.Value;
      } catch (error) {
        if (error instanceof ParameterNotFound) return undefined;
        throw error;
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
