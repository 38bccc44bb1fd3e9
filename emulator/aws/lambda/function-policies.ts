import type { Clock } from '../../core/clock';
import { Consistency, History } from '../../core/consistency';
import { matches } from '../iam';

/** A statement of the resource-based policy of a function, which allows to invoke it. */
export interface InvokePermission {
  /** A service such as `events.amazonaws.com`. */
  readonly principal: string;
  /** A pattern of the resource that invokes the function. Default: any. */
  readonly sourceArn?: string;
}

/** The resource-based policies of functions. */
export class FunctionPolicies {
  /** The statements of each function by their IDs, after each change. */
  private readonly policies = new Map<string, History<ReadonlyMap<string, InvokePermission>>>();

  constructor(
    private readonly clock: Pick<Clock, 'now'>,
    private readonly consistency: Consistency = Consistency.STRONG,
  ) {}

  /** Adds a statement, or replaces the one with that ID. */
  put(functionArn: string, statementId: string, permission: InvokePermission): void {
    this.change(functionArn, (statements) => statements.set(statementId, permission));
  }

  remove(functionArn: string, statementId: string): void {
    this.change(functionArn, (statements) => statements.delete(statementId));
  }

  /** Whether a service may invoke a function for one of its resources. A change takes effect after the lag of permissions. */
  allows(functionArn: string, { principal, sourceArn }: Required<InvokePermission>): boolean {
    const read = this.consistency.readPermissions('lambda:InvokeFunction');
    const statements = this.policies.get(functionArn)?.seenBy(read, this.clock.now()) ?? new Map();
    return [...statements.values()].some(
      (statement) => statement.principal === principal && matches(statement.sourceArn ?? '*', sourceArn),
    );
  }

  private change(functionArn: string, apply: (statements: Map<string, InvokePermission>) => unknown): void {
    const policy = this.policies.get(functionArn) ?? new History(functionArn);
    const statements = new Map(policy.current);
    apply(statements);
    policy.write(statements, this.clock.now());
    this.policies.set(functionArn, policy);
  }
}
