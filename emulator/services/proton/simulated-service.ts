import type { DeploymentStatus, DeploymentTargetResourceType } from '@aws-sdk/client-proton';
import type { Clock } from '../../core/clock';
import type { Consistency } from '../../core/consistency';
import { type AwsEnvironment, arnOf } from '../../core/environment';
import { ServiceError } from '../../core/http-server';
import { uuidOf } from '../../core/ids';
import * as core from '../../core/simulated-service';
import { latest } from '../../core/simulated-service';
import {
  type DeployedSeed,
  type DeploymentPlan,
  HOURS,
  type InitialState,
  MINUTES,
  type SeededDeployment,
  type ServiceSeed,
} from './plan';

export { type AcceptedCancel, latest } from '../../core/simulated-service';

/** The names that identify a resource. */
export interface ResourceNames {
  readonly environmentName: string;
  readonly serviceName?: string;
  readonly serviceInstanceName?: string;
  readonly componentName?: string;
}

/** The properties of a service instance, a service pipeline, an environment, or a component. */
interface Properties {
  readonly type: DeploymentTargetResourceType;
  readonly arn: string;
  readonly names: ResourceNames;
  readonly createdAt: number;
  readonly spec: string;
  readonly withholdsDeploymentIds: boolean;
}

/** Its path is the last part of its ARN, as in `service/web/service-instance/web-prod`. It has at least one deployment. */
export type Resource = core.Deployed<DeploymentStatus, Properties>;
export type Deployment = core.Deployment<DeploymentStatus, Properties>;
export type Change = core.Change<DeploymentStatus>;

export interface Service {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly spec: string;
}

const STATUSES: core.StatusModel<DeploymentStatus> = {
  started: 'IN_PROGRESS',
  cancellable: ['IN_PROGRESS'],
  cancelling: 'CANCELLING',
  cancelled: 'CANCELLED',
  terminal: ['SUCCEEDED', 'FAILED', 'CANCELLED', 'DELETE_COMPLETE', 'DELETE_FAILED'],
  // From the user guide.
  messages: { CANCELLED: 'User initiated cancellation.' },
};

const CREATION = { at: -24 * HOURS, steps: [{ after: 4 * MINUTES, status: 'SUCCEEDED' }] } satisfies SeededDeployment;
const UPDATE: DeploymentPlan = { steps: [{ after: 6 * MINUTES, status: 'SUCCEEDED' }] };
const DEFAULT_SPEC = 'proton: ServiceSpec\n';

/** The resources of AWS Proton in one account. */
export class SimulatedProton extends core.SimulatedService<DeploymentStatus, Properties> {
  private readonly servicesByName = new Map<string, Service>();
  private ids = 0;

  constructor(seed: InitialState, clock: Clock, environment: Partial<AwsEnvironment> = {}, consistency?: Consistency) {
    super(STATUSES, clock, environment, consistency);
    for (const { name, ...rest } of seed.environments ?? []) {
      this.addResource('ENVIRONMENT', `environment/${name}`, { environmentName: name }, rest);
    }
    for (const service of seed.services ?? []) this.addService(service);
    for (const { name, environmentName, serviceName, serviceInstanceName, ...rest } of seed.components ?? []) {
      const names = { environmentName, serviceName, serviceInstanceName, componentName: name };
      this.addResource('COMPONENT', `component/${name}`, names, rest);
    }
  }

  service(name: string | undefined): Service {
    const service = this.servicesByName.get(name ?? '');
    if (!service) throw this.notFound(`service/${name}`);
    return service;
  }

  protected notFound(path: string): ServiceError {
    return new ServiceError('ResourceNotFoundException', `The resource ${path} was not found.`);
  }

  /** The type of the error is an assumption, because it is not documented. */
  protected notInProgress(path: string): ServiceError {
    return new ServiceError('ConflictException', `There is no deployment in progress for ${path}.`);
  }

  protected newId(): string {
    return uuidOf(`deployment ${++this.ids}`);
  }

  /** Starts an update, as UpdateServiceInstance does. Rejects it during a deployment, which is an assumption as well. */
  update(path: string, minorVersion?: string): Resource {
    const resource = this.resource(path);
    if (latest(resource).completedAt === undefined) {
      throw new ServiceError('ConflictException', `There is a deployment in progress for ${path}.`);
    }
    this.deploy(path, { ...UPDATE, version: minorVersion });
    return resource;
  }

  private addService({ name, spec = DEFAULT_SPEC, instances, pipeline }: ServiceSeed): void {
    const path = `service/${name}`;
    this.servicesByName.set(name, { name, arn: this.arn(path), createdAt: this.startTime + CREATION.at, spec });
    for (const { name: serviceInstanceName, environmentName, ...rest } of instances ?? []) {
      const names = { environmentName, serviceName: name, serviceInstanceName };
      this.addResource('SERVICE_INSTANCE', `${path}/service-instance/${serviceInstanceName}`, names, rest);
    }
    if (pipeline) {
      const { environmentName, ...rest } = pipeline;
      const arn = this.arn(`${path}/pipeline/${this.newId()}`);
      this.addResource('SERVICE_PIPELINE', `${path}/pipeline`, { environmentName, serviceName: name }, rest, arn);
    }
  }

  private addResource(
    type: DeploymentTargetResourceType,
    path: string,
    names: ResourceNames,
    { deployments = [], withholdsDeploymentIds = false, spec = DEFAULT_SPEC }: DeployedSeed,
    arn = this.arn(path),
  ): void {
    const createdAt = this.startTime + CREATION.at;
    this.add(path, { type, arn, names, createdAt, spec, withholdsDeploymentIds }, [CREATION, ...deployments]);
  }

  private arn(path: string): string {
    return arnOf(this.environment, 'proton', path);
  }
}
