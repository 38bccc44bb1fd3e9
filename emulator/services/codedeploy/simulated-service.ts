import { createHash } from 'node:crypto';
import type { DeploymentCreator, DeploymentStatus } from '@aws-sdk/client-codedeploy';
import type { Clock } from '../../core/clock';
import type { Consistency } from '../../core/consistency';
import type { AwsEnvironment } from '../../core/environment';
import { ServiceError } from '../../core/http-server';
import { type DeploymentPlan, SECONDS, type SeededDeployment } from '../../core/plan';
import * as core from '../../core/simulated-service';
import type { Group } from './input';

/** The resources at the start, as plain data. */
export interface CodeDeploySeed {
  readonly applications: readonly { readonly name: string; readonly deploymentGroups?: readonly GroupSeed[] }[];
}

export interface GroupSeed {
  readonly name: string;
  /** Oldest first. */
  readonly deployments?: readonly SeededDeployment<DeploymentStatus>[];
  /** The rollback of a stopped deployment. Default: it succeeds after 20 seconds. */
  readonly rollback?: DeploymentPlan<DeploymentStatus>;
}

interface Properties extends Group {
  readonly rollback: DeploymentPlan<DeploymentStatus>;
}

/** Its path is `APPLICATION/GROUP`. */
export type CodeDeployGroup = core.Deployed<DeploymentStatus, Properties>;
export type CodeDeployDeployment = core.Deployment<DeploymentStatus, Properties>;

/** An accepted stop does not change the status before the deployment has stopped. */
const STATUSES: core.StatusModel<DeploymentStatus> = {
  started: 'InProgress',
  cancellable: ['Created', 'Queued', 'InProgress', 'Baking', 'Ready'],
  cancelled: 'Stopped',
  terminal: ['Succeeded', 'Failed', 'Stopped'],
};

/** The time between the end of a deployment and its rollback. It is not documented. */
const ROLLBACK_BEGINS_AFTER = 3 * SECONDS;
const ROLLED_BACK: DeploymentPlan<DeploymentStatus> = { steps: [{ after: 20 * SECONDS, status: 'Succeeded' }] };

/** The deployments of AWS CodeDeploy in one account. */
export class SimulatedCodeDeploy extends core.SimulatedService<DeploymentStatus, Properties> {
  private readonly applications: ReadonlySet<string>;
  private readonly creators = new Map<string, DeploymentCreator>();
  /** The IDs of rollbacks by the IDs of the deployments that they roll back. */
  private readonly rollbacks = new Map<string, string>();
  private readonly toRollBack = new Set<string>();
  private readonly rollbackTimers = new Set<() => void>();
  private ids = 0;

  constructor(
    { applications }: CodeDeploySeed,
    clock: Clock,
    environment: Partial<AwsEnvironment> = {},
    consistency?: Consistency,
  ) {
    super(STATUSES, clock, environment, consistency);
    this.applications = new Set(applications.map(({ name }) => name));
    for (const { name: applicationName, deploymentGroups = [] } of applications) {
      for (const { name: deploymentGroupName, deployments = [], rollback = ROLLED_BACK } of deploymentGroups) {
        const properties = { applicationName, deploymentGroupName, rollback };
        this.add(`${applicationName}/${deploymentGroupName}`, properties, deployments);
      }
    }
    this.onChange(({ kind, status, deploymentId }) => {
      if (kind === 'moved' && status === 'Stopped' && this.toRollBack.has(deploymentId)) this.rollBack(deploymentId);
    });
  }

  get deployments(): readonly CodeDeployDeployment[] {
    return this.resources.flatMap(({ deployments }) => deployments);
  }

  group({ applicationName, deploymentGroupName }: Group): CodeDeployGroup {
    if (!this.applications.has(applicationName)) {
      throw new ServiceError('ApplicationDoesNotExistException', `No application found for name: ${applicationName}`);
    }
    return this.resource(`${applicationName}/${deploymentGroupName}`);
  }

  /** Undefined if there is no such deployment. */
  find(id: string): CodeDeployDeployment | undefined {
    return this.deployments.find((deployment) => deployment.id === id);
  }

  deployment(id: string): CodeDeployDeployment {
    const deployment = this.find(id);
    if (deployment) return deployment;
    throw new ServiceError('DeploymentDoesNotExistException', `The deployment ${id} could not be found`);
  }

  stopDeployment(id: string, autoRollback: boolean): void {
    const { resource } = this.deployment(id);
    if (autoRollback) this.toRollBack.add(id);
    this.cancel(resource.path, id);
  }

  /** Starts a deployment with another creator than a user. Returns its ID. */
  deployAs(creator: DeploymentCreator, path: string, plan: DeploymentPlan<DeploymentStatus> = {}): string {
    const id = this.deploy(path, plan);
    this.creators.set(id, creator);
    return id;
  }

  creatorOf({ id }: CodeDeployDeployment): DeploymentCreator {
    return this.creators.get(id) ?? 'user';
  }

  /** The ID of the deployment that rolls back this one. */
  rollbackOf({ id }: CodeDeployDeployment): string | undefined {
    const rollback = this.rollbacks.get(id);
    return rollback !== undefined && this.find(rollback) ? rollback : undefined;
  }

  /** The ID of the deployment that this one rolls back. */
  triggerOf({ id }: CodeDeployDeployment): string | undefined {
    return [...this.rollbacks].find(([, rollback]) => rollback === id)?.[0];
  }

  override stop(): void {
    for (const cancelTimer of this.rollbackTimers) cancelTimer();
    this.rollbackTimers.clear();
    super.stop();
  }

  protected notFound(path: string): ServiceError {
    const name = path.slice(path.indexOf('/') + 1);
    return new ServiceError('DeploymentGroupDoesNotExistException', `No Deployment Group found for name: ${name}`);
  }

  protected notInProgress(path: string): ServiceError {
    return new ServiceError('DeploymentAlreadyCompletedException', `The deployment to ${path} is already complete.`);
  }

  protected newId(): string {
    const digest = createHash('sha256')
      .update(`deployment ${++this.ids}`)
      .digest('hex');
    return `d-${digest.slice(0, 9).toUpperCase()}`;
  }

  private rollBack(id: string): void {
    const cancelTimer = this.clock.schedule(ROLLBACK_BEGINS_AFTER, () => {
      this.rollbackTimers.delete(cancelTimer);
      const deployment = this.find(id);
      if (!deployment) return;
      const { path, rollback } = deployment.resource;
      this.rollbacks.set(id, this.deployAs('codeDeployRollback', path, rollback));
    });
    this.rollbackTimers.add(cancelTimer);
  }
}
