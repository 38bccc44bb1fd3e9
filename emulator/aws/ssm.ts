import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../core/clock';
import { Consistency, History } from '../core/consistency';
import { type AwsEnvironment, arnOf, urlSuffixOf } from '../core/environment';
import { type EmulatedApi, type ServiceCall, ServiceError } from '../core/http-server';
import { seconds } from '../core/json-output';
import { jsonProtocol } from '../core/protocols';
import type { IamRequest } from './iam';

/** A parameter with its decrypted value. */
export interface Parameter {
  readonly name: string;
  readonly type: (typeof TYPES)[number];
  readonly value: string;
  /** The ARN of the customer managed key that encrypts it. Default: the key of AWS. */
  readonly keyId?: string;
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly lastModified: number;
}

export interface SsmOptions {
  readonly clock: Clock;
  readonly environment: AwsEnvironment;
  /** Whether a key with this ARN exists. Default: none exists. */
  readonly hasKey?: (arn: string) => boolean;
  /** Default: strong. */
  readonly consistency?: Consistency;
  /** The values at the start, by name. The names may be reserved by AWS. */
  readonly initial?: Readonly<Record<string, string>>;
}

const TYPES = ['String', 'StringList', 'SecureString'] as const;
const MAX_STANDARD_VALUE = 4096;
const MAX_NAME = 2048;
const MAX_LEVELS = 15;

/** The supported members of each operation. Other members are rejected, because they would change its meaning. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  PutParameter: ['Name', 'Description', 'Value', 'Type', 'KeyId', 'Overwrite', 'Tier'],
  GetParameter: ['Name', 'WithDecryption'],
  DeleteParameter: ['Name'],
};

/** SSM Parameter Store, limited to single parameters of the Standard tier. */
export class Ssm implements EmulatedApi {
  readonly service = 'ssm';
  readonly protocol = jsonProtocol('AmazonSSM', '1.1');
  readonly operationNames = Object.keys(MEMBERS);
  /** The states of each parameter by its name: undefined after its deletion. */
  private readonly store = new Map<string, History<Parameter | undefined>>();
  private readonly key = randomBytes(32);

  constructor(private readonly options: SsmOptions) {
    for (const [name, value] of Object.entries(options.initial ?? {})) {
      this.write(name, { name, type: 'String', value, version: 1, lastModified: options.clock.now() });
    }
  }

  /** The parameters that exist now. */
  get parameters(): readonly Parameter[] {
    return [...this.store.values()].flatMap(({ current }) => current ?? []);
  }

  call({ operation, input }: ServiceCall): object {
    const members = MEMBERS[operation];
    if (!members)
      throw new ServiceError('UnknownOperationException', `the emulated Parameter Store has no ${operation}`);
    const unsupported = Object.keys(input).find((member) => !members.includes(member));
    if (unsupported) throw invalid(`the emulated Parameter Store does not support ${unsupported} of ${operation}`);
    switch (operation) {
      case 'PutParameter':
        return this.put(input);
      case 'GetParameter':
        return this.get(input);
      default:
        return this.delete(input);
    }
  }

  /** The permissions that a call needs. */
  iamRequests({ operation, input }: ServiceCall): IamRequest[] {
    if (!Object.hasOwn(MEMBERS, operation)) return [];
    const resource = this.arn(String(input.Name));
    const { region, partition } = this.options.environment;
    const context = {
      'kms:ViaService': `ssm.${region}.${urlSuffixOf(partition)}`,
      'kms:EncryptionContext:PARAMETER_ARN': resource,
    };
    const withKey = (action: string, key: unknown) =>
      typeof key === 'string' ? [{ action, resource: key, context }] : [];
    const decrypts = operation === 'GetParameter' && input.WithDecryption === true;
    return [
      { action: `ssm:${operation}`, resource },
      ...withKey('kms:Encrypt', input.KeyId),
      ...withKey('kms:Decrypt', decrypts ? this.store.get(String(input.Name))?.current?.keyId : undefined),
    ];
  }

  private put(input: ServiceCall['input']): object {
    const name = parameterName(input.Name);
    const { Value: value, Type: type, Overwrite: overwrite = false, Tier: tier = 'Standard' } = input;
    if (tier !== 'Standard') throw invalid(`the emulated Parameter Store supports only the Standard tier, not ${tier}`);
    if (typeof overwrite !== 'boolean') throw new ServiceError('SerializationException', 'Overwrite is not a boolean');
    if (typeof value !== 'string' || value === '') {
      throw invalid(
        "1 validation error detected: Value at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.",
      );
    }
    if (Buffer.byteLength(value) > MAX_STANDARD_VALUE) {
      throw invalid(
        `Standard tier parameters support a maximum parameter value of ${MAX_STANDARD_VALUE} characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html`,
      );
    }
    const old = this.store.get(name)?.current;
    if (old && !overwrite) {
      throw new ServiceError(
        'ParameterAlreadyExists',
        'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      );
    }
    const newType = parameterType(type) ?? old?.type;
    if (!newType) throw invalid('A parameter type is required when you create a parameter.');
    if (old && newType !== old.type) {
      throw new ServiceError(
        'HierarchyTypeMismatchException',
        `A parameter of type ${old.type} can't be changed to ${newType}.`,
      );
    }
    const keyId = this.keyOf(input.KeyId, newType);
    const version = (old?.version ?? 0) + 1;
    this.write(name, { name, type: newType, value, keyId, version, lastModified: this.options.clock.now() });
    return { Version: version, Tier: 'Standard' };
  }

  private write(name: string, parameter: Parameter | undefined): void {
    // Names have random parts, so the number of the parameter is what two runs have in common.
    const states = this.store.get(name) ?? new History(`parameter ${this.store.size + 1}`);
    states.write(parameter, this.options.clock.now());
    this.store.set(name, states);
  }

  private keyOf(keyId: unknown, type: Parameter['type']): string | undefined {
    if (keyId === undefined || keyId === null) return undefined;
    if (type !== 'SecureString') throw invalid('KeyId is only for parameters of type SecureString.');
    if (typeof keyId !== 'string' || !keyId.startsWith('arn:')) {
      throw invalid(`the emulated Parameter Store supports only the ARN of a key as KeyId, not ${keyId}`);
    }
    if (!this.options.hasKey?.(keyId)) throw new ServiceError('InvalidKeyId', `Key '${keyId}' does not exist`);
    return keyId;
  }

  private get(input: ServiceCall['input']): object {
    const { clock, consistency = Consistency.STRONG } = this.options;
    const states = this.store.get(parameterName(input.Name));
    const parameter = states?.seenBy(consistency.read('ssm:GetParameter'), clock.now());
    if (!parameter) throw parameterNotFound();
    const { name, type, value, version, lastModified } = parameter;
    return {
      Parameter: {
        Name: name,
        Type: type,
        Value: type === 'SecureString' && input.WithDecryption !== true ? this.ciphertext(name, version) : value,
        Version: version,
        LastModifiedDate: seconds(lastModified),
        ARN: this.arn(name),
        DataType: 'text',
      },
    };
  }

  private delete(input: ServiceCall['input']): object {
    const name = parameterName(input.Name);
    if (!this.store.get(name)?.current) throw parameterNotFound();
    this.write(name, undefined);
    return {};
  }

  /** The value of a SecureString without decryption. It does not depend on the value, so it reveals nothing. */
  private ciphertext(name: string, version: number): string {
    return `AQICAHh${createHmac('sha512', this.key).update(`${name}:${version}`).digest('base64')}`;
  }

  private arn(name: string): string {
    return arnOf(this.options.environment, 'ssm', `parameter/${name.replace(/^\//, '')}`);
  }
}

/** Validates the name of a parameter by the rules for new parameters, which all existing parameters follow as well. */
function parameterName(name: unknown): string {
  if (typeof name !== 'string' || name === '') {
    throw invalid(
      "1 validation error detected: Value at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1.",
    );
  }
  if (name.length > MAX_NAME) {
    throw invalid(
      `1 validation error detected: Value at 'name' failed to satisfy constraint: Member must have length less than or equal to ${MAX_NAME}.`,
    );
  }
  if (/^\/?aws/i.test(name)) {
    throw new ServiceError('AccessDeniedException', `No access to reserved parameter name: ${name}.`);
  }
  if (/^\/?ssm/i.test(name) || !/^\/?[\w.-]+(\/[\w.-]+)*$/.test(name)) {
    throw invalid(
      'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_',
    );
  }
  if (name.includes('/') && !name.startsWith('/')) throw invalid('Parameter name must be a fully qualified name.');
  if (name.split('/').length - 1 > MAX_LEVELS) {
    throw new ServiceError(
      'HierarchyLevelLimitExceededException',
      `A hierarchy can have a maximum of ${MAX_LEVELS} levels.`,
    );
  }
  return name;
}

/** AWS sends an empty message with this type. */
function parameterNotFound(): ServiceError {
  return new ServiceError('ParameterNotFound', '');
}

function parameterType(type: unknown): Parameter['type'] | undefined {
  if (type === undefined) return undefined;
  const known = TYPES.find((candidate) => candidate === type);
  if (!known) throw invalid(`the emulated Parameter Store supports only the types ${TYPES.join(' and ')}, not ${type}`);
  return known;
}

function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}
