import { randomUUID } from 'node:crypto';
import { type AwsEnvironment, arnOf, globalArnOf } from '../core/environment';
import type { PolicyDocument, PolicyStatement } from './iam';

/** The KMS keys of an account. The emulator checks who may use them, and encrypts nothing. */
export class Kms {
  private readonly keys = new Set<string>();

  constructor(private readonly environment: AwsEnvironment) {}

  /** Creates a key. Throws unless its policy leaves all permissions to IAM, because no other policy is evaluated. */
  create(policy: PolicyDocument): { readonly keyId: string; readonly arn: string } {
    const statements = [policy.Statement].flat();
    const denies = statements.some(({ Effect }) => Effect !== 'Allow');
    if (denies || !statements.some((statement) => this.leavesPermissionsToIam(statement))) {
      throw new Error(
        'the emulator supports only keys with a policy that allows the account kms:* and denies nothing, which leaves permissions to IAM',
      );
    }
    const keyId = randomUUID();
    const arn = this.arnOf(keyId);
    this.keys.add(arn);
    return { keyId, arn };
  }

  remove(keyId: string): void {
    this.keys.delete(this.arnOf(keyId));
  }

  /** Whether a key with this ARN exists. */
  has(arn: string): boolean {
    return this.keys.has(arn);
  }

  private arnOf(keyId: string): string {
    return arnOf(this.environment, 'kms', `key/${keyId}`);
  }

  private leavesPermissionsToIam({ Effect, Action, Resource, Condition, ...more }: PolicyStatement): boolean {
    const { AWS } = ((more as { Principal?: { AWS?: string } }).Principal ?? {}) as { AWS?: string };
    const root = globalArnOf(this.environment, 'iam', 'root');
    return (
      Effect === 'Allow' &&
      [Action].flat().includes('kms:*') &&
      Resource === '*' &&
      AWS === root &&
      Condition === undefined
    );
  }
}
