import { randomUUID } from 'node:crypto';
import type { PolicyDocument, PolicyStatement } from './iam';

/** The keys of an account. Nothing is encrypted with them here: what counts is who would be allowed to. */
export class Kms {
  private readonly keys = new Set<string>();

  constructor(
    private readonly region: string,
    private readonly accountId: string,
  ) {}

  /** Makes a key. Throws if its policy does not leave it to IAM who may use it, since no more of it is looked at. */
  create(policy: PolicyDocument): { readonly keyId: string; readonly arn: string } {
    const statements = [policy.Statement].flat();
    const denies = statements.some(({ Effect }) => Effect !== 'Allow');
    if (denies || !statements.some((statement) => this.leavesItToIam(statement))) {
      throw new Error(
        'the embedded cloud knows only keys whose policy allows the account kms:*, denies nothing, and so leaves it to IAM',
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

  /** Whether there is a key of this ARN. */
  has(arn: string): boolean {
    return this.keys.has(arn);
  }

  private leavesItToIam({ Effect, Action, Resource, Condition, ...more }: PolicyStatement): boolean {
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
