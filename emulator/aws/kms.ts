import { randomUUID } from 'node:crypto';
import type { PolicyDocument, PolicyStatement } from './iam';

/** The KMS keys of an account. The emulator checks who may use them, and encrypts nothing. */
export class Kms {
  private readonly keys = new Set<string>();

  constructor(
    private readonly region: string,
    private readonly accountId: string,
  ) {}

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
    const arn = `arn:aws:kms:${this.region}:${this.accountId}:key/${keyId}`;
    this.keys.add(arn);
    return { keyId, arn };
  }

  remove(keyId: string): void {
    this.keys.delete(`arn:aws:kms:${this.region}:${this.accountId}:key/${keyId}`);
  }

  /** Whether a key with this ARN exists. */
  has(arn: string): boolean {
    return this.keys.has(arn);
  }

  private leavesPermissionsToIam({ Effect, Action, Resource, Condition, ...more }: PolicyStatement): boolean {
    const { AWS } = ((more as { Principal?: { AWS?: string } }).Principal ?? {}) as { AWS?: string };
    const root = `arn:aws:iam::${this.accountId}:root`;
    return (
      Effect === 'Allow' &&
      [Action].flat().includes('kms:*') &&
      Resource === '*' &&
      AWS === root &&
      Condition === undefined
    );
  }
}
