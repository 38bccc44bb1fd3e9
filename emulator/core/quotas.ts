import { DEPLOYMENT_KINDS, serviceOf } from '../../lib/deployments/kinds';
import type { Clock } from './clock';

/** A token bucket. */
export interface Quota {
  /** The tokens that are added each second. */
  readonly perSecond: number;
  /** The maximum number of tokens. Default: `perSecond`. */
  readonly burst?: number;
}

export interface QuotaOptions {
  /**
   * The calls that a service accepts, by IAM action: `ssm:PutParameter`, or `proton:*` for all other actions of a service
   * together. Default: no limit.
   */
  readonly actions?: Readonly<Record<string, Quota>>;
  /** The concurrent executions of all functions. Default: no limit. */
  readonly lambdaConcurrency?: number;
}

/** `none`: no limit. `default`: the default quotas of AWS. `new-account`: these, and 10 concurrent executions of Lambda. */
export type QuotasOption = 'none' | 'default' | 'new-account' | QuotaOptions;

/**
 * The default quotas of AWS in us-east-1. AWS documents those of Parameter Store, Step Functions, Lambda and ECS. Those of
 * the other services are assumptions.
 */
export const DEFAULT_QUOTAS: Required<QuotaOptions> = {
  actions: {
    ...ofEveryService({ perSecond: 10, burst: 20 }),
    'ssm:PutParameter': { perSecond: 10 },
    'ssm:GetParameter': { perSecond: 40 },
    'ssm:DeleteParameter': { perSecond: 5 },
    'states:StartExecution': { perSecond: 300, burst: 1300 },
    'states:StopExecution': { perSecond: 200, burst: 1000 },
    'states:DescribeExecution': { perSecond: 15, burst: 300 },
    'states:ListExecutions': { perSecond: 5, burst: 200 },
    'states:GetExecutionHistory': { perSecond: 20, burst: 400 },
    'states:DescribeStateMachine': { perSecond: 20, burst: 200 },
    'cloudformation:*': { perSecond: 10 },
    'ecs:StopServiceDeployment': { perSecond: 5, burst: 50 },
    'ecs:*': { perSecond: 20, burst: 100 },
  },
  lambdaConcurrency: 1000,
};

/** A quota for the actions of each service whose deployments can be cancelled. */
function ofEveryService(quota: Quota): Readonly<Record<string, Quota>> {
  return Object.fromEntries(DEPLOYMENT_KINDS.map((kind) => [`${serviceOf(kind)}:*`, quota]));
}

const OPTIONS = {
  none: {},
  default: DEFAULT_QUOTAS,
  'new-account': { ...DEFAULT_QUOTAS, lambdaConcurrency: 10 },
} as const satisfies Readonly<Record<string, QuotaOptions>>;

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** The quotas of an account. */
export class Quotas {
  static readonly NONE = new Quotas('none', { now: () => 0 });

  readonly lambdaConcurrency: number;
  private readonly actions: Readonly<Record<string, Quota>>;
  private readonly buckets = new Map<string, Bucket>();

  constructor(
    option: QuotasOption,
    private readonly clock: Pick<Clock, 'now'>,
  ) {
    const { actions = {}, lambdaConcurrency = Number.POSITIVE_INFINITY }: QuotaOptions =
      typeof option === 'string' ? OPTIONS[option] : option;
    this.actions = actions;
    this.lambdaConcurrency = lambdaConcurrency;
  }

  /** Counts a call. Returns false if the call exceeds its quota. */
  take(action: string): boolean {
    const wildcard = action.replace(/:.*/, ':*');
    const name = Object.hasOwn(this.actions, action) ? action : wildcard;
    const quota = Object.hasOwn(this.actions, name) ? this.actions[name] : undefined;
    if (!quota) return true;
    const bucket = this.fill(name, quota);
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }

  private fill(name: string, { perSecond, burst = perSecond }: Quota): Bucket {
    const now = this.clock.now();
    const { tokens, filledAt } = this.buckets.get(name) ?? { tokens: burst, filledAt: now };
    const filled = { tokens: Math.min(burst, tokens + (perSecond * (now - filledAt)) / 1000), filledAt: now };
    this.buckets.set(name, filled);
    return filled;
  }
}
