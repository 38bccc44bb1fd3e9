import { createHash } from 'node:crypto';
import type { DeploymentCreator, DeploymentStatus } from '@aws-sdk/client-codedeploy';
import type { Clock } from '../../core/clock';
import { ServiceError } from '../../core/http-server';
import { type DeploymentPlan, SECONDS, type SeededDeployment } from '../../core/plan';
import * as world from '../../core/simulated-service';
import type { Group } from './input';

/** Everything there is when a world begins. Plain data. */
export interface CodeDeploySeed {
  readonly applications: readonly { readonly name: string; readonly deploymentGroups?: readonly GroupSeed[] }[];
}

export interface GroupSeed {
  readonly name: string;
  /** Oldest first. */
  readonly deployments?: readonly SeededDeployment<DeploymentStatus>[];
  /** How it goes when one of them is stopped and rolled back. Default: it succeeds after 20 seconds. */
  readonly rollback?: DeploymentPlan<DeploymentStatus>;
}

interface Properties extends Group {
  readonly rollback: DeploymentPlan<DeploymentStatus>;
}

/** Its path is `APPLICATION/GROUP`. */
export type CodeDeployGroup = world.Deployed<DeploymentStatus, Properties>;
export type CodeDeployDeployment = world.Deployment<DeploymentStatus, Properties>;

/** An accepted stop shows in the status when the deployment has stopped, and not before. */
const STATUSES: world.StatusModel<DeploymentStatus> = {
  started: 'InProgress',
  cancellable: ['Created', 'Queued', 'InProgress', 'Baking', 'Ready'],
  cancelled: 'Stopped',
  terminal: ['Succeeded', 'Failed', 'Stopped'],
};

/** Between the end of a deployment and the rollback of it. Nothing public says that it begins in the same moment. */
const ROLLBACK_BEGINS_AFTER = 3 * SECONDS;
const ROLLED_BACK: DeploymentPlan<DeploymentStatus> = { steps: [{ after: 20 * SECONDS, status: 'Succeeded' }] };

/** What an account of AWS CodeDeploy holds, as far as deployments go. */
export class SimulatedCodeDeploy extends world.SimulatedService<DeploymentStatus, Properties> {
  private readonly applications: ReadonlySet<string>;
  private readonly creators = new Map<string, DeploymentCreator>();
  /** The rollbacks, by the deployments that they roll back. */
  private readonly rollbacks = new Map<string, string>();
  private readonly toRollBack = new Set<string>();
  private readonly beginnings = new Set<() => void>();
  private ids = 0;

  constructor({ applications }: CodeDeploySeed, clock: Clock, environment: Partial<world.AwsEnvironment> = {}) {
    super(STATUSES, clock, environment);
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

  /** Starts a deployment as something else than a user would; the answer is its id. */
  deployAs(creator: DeploymentCreator, path: string, plan: DeploymentPlan<DeploymentStatus> = {}): string {
    const id = this.deploy(path, plan);
    this.creators.set(id, creator);
    return id;
  }

  creatorOf({ id }: CodeDeployDeployment): DeploymentCreator {
    return this.creators.get(id) ?? 'user';
  }

  /** The id of the deployment that rolls this one back. */
  rollbackOf({ id }: CodeDeployDeployment): string | undefined {
    return this.rollbacks.get(id);
  }

  /** The id of the deployment that this one rolls back. */
  triggerOf({ id }: CodeDeployDeployment): string | undefined {
    return [...this.rollbacks].find(([, rollback]) => rollback === id)?.[0];
  }

  override stop(): void {
    for (const cancelTimer of this.beginnings) cancelTimer();
    this.beginnings.clear();
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
      this.beginnings.delete(cancelTimer);
      const deployment = this.find(id);
      if (!deployment) return;
      const { path, rollback } = deployment.resource;
      this.rollbacks.set(id, this.deployAs('codeDeployRollback', path, rollback));
    });
    this.beginnings.add(cancelTimer);
  }
}
