import type * as api from '@aws-sdk/client-proton';
import { type JsonService, ServiceError } from '../../core/http-server';
import { page, selectServiceInstances } from './listing';
import { isOperationName, OPERATION_NAMES, type OperationName, validate } from './model';
import {
  component,
  deployment,
  deploymentSummary,
  environment,
  type OnWire,
  service,
  serviceInstance,
  servicePipeline,
} from './shapes';
import type { Deployment, ResourceNames, SimulatedProton } from './simulated-service';

interface Operations extends Record<OperationName, readonly [object, object]> {
  GetServiceInstance: [api.GetServiceInstanceInput, api.GetServiceInstanceOutput];
  CancelServiceInstanceDeployment: [
    api.CancelServiceInstanceDeploymentInput,
    api.CancelServiceInstanceDeploymentOutput,
  ];
  UpdateServiceInstance: [api.UpdateServiceInstanceInput, api.UpdateServiceInstanceOutput];
  GetService: [api.GetServiceInput, api.GetServiceOutput];
  CancelServicePipelineDeployment: [
    api.CancelServicePipelineDeploymentInput,
    api.CancelServicePipelineDeploymentOutput,
  ];
  GetEnvironment: [api.GetEnvironmentInput, api.GetEnvironmentOutput];
  CancelEnvironmentDeployment: [api.CancelEnvironmentDeploymentInput, api.CancelEnvironmentDeploymentOutput];
  GetComponent: [api.GetComponentInput, api.GetComponentOutput];
  CancelComponentDeployment: [api.CancelComponentDeploymentInput, api.CancelComponentDeploymentOutput];
  GetDeployment: [api.GetDeploymentInput, api.GetDeploymentOutput];
  ListDeployments: [api.ListDeploymentsInput, api.ListDeploymentsOutput];
  ListServiceInstances: [api.ListServiceInstancesInput, api.ListServiceInstancesOutput];
}

type Handlers = {
  readonly [O in OperationName]: (world: SimulatedProton, input: OnWire<Operations[O][0]>) => OnWire<Operations[O][1]>;
};

/** Each is called with an input that the model allows. */
const HANDLERS: Handlers = {
  GetServiceInstance: (world, { serviceName, name }) => ({
    serviceInstance: serviceInstance(world.resource(`service/${serviceName}/service-instance/${name}`)),
  }),
  CancelServiceInstanceDeployment: (world, { serviceName, serviceInstanceName }) => ({
    serviceInstance: serviceInstance(world.cancel(`service/${serviceName}/service-instance/${serviceInstanceName}`)),
  }),
  UpdateServiceInstance: (world, { serviceName, name, deploymentType, spec, templateMinorVersion }) => {
    if (spec !== undefined || !['CURRENT_VERSION', 'MINOR_VERSION'].includes(deploymentType ?? '')) {
      throw new ServiceError(
        'ValidationException',
        'This is an embedded AWS Proton that updates to the CURRENT_VERSION or a MINOR_VERSION, and keeps the spec.',
      );
    }
    const minorVersion = deploymentType === 'MINOR_VERSION' ? templateMinorVersion : undefined;
    return {
      serviceInstance: serviceInstance(world.update(`service/${serviceName}/service-instance/${name}`, minorVersion)),
    };
  },
  GetService: (world, { name }) => ({
    service: service(
      world.service(name),
      world.resources.find(({ path }) => path === `service/${name}/pipeline`),
    ),
  }),
  CancelServicePipelineDeployment: (world, { serviceName }) => ({
    pipeline: servicePipeline(world.cancel(`service/${serviceName}/pipeline`)),
  }),
  GetEnvironment: (world, { name }) => ({ environment: environment(world.resource(`environment/${name}`)) }),
  CancelEnvironmentDeployment: (world, { environmentName }) => ({
    environment: environment(world.cancel(`environment/${environmentName}`)),
  }),
  GetComponent: (world, { name }) => ({ component: component(world.resource(`component/${name}`)) }),
  CancelComponentDeployment: (world, { componentName }) => ({
    component: component(world.cancel(`component/${componentName}`)),
  }),
  GetDeployment: (world, { id, ...names }) => {
    const found = deploymentsOf(world, names).find((candidate) => candidate.id === id);
    if (!found) throw new ServiceError('ResourceNotFoundException', `The deployment ${id} was not found.`);
    return { deployment: deployment(found, world.environment) };
  },
  ListDeployments: (world, input) => {
    const newestFirst = deploymentsOf(world, input).sort((a, b) => b.createdAt - a.createdAt);
    const { items, nextToken } = page(newestFirst, input);
    return { deployments: items.map((item) => deploymentSummary(item, world.environment)), nextToken };
  },
  ListServiceInstances: (world, input) => {
    if (input.serviceName !== undefined) world.service(input.serviceName);
    const { items, nextToken } = page(selectServiceInstances(world.resources, input), input);
    return { serviceInstances: items, nextToken };
  },
};

type GivenNames = { readonly [K in keyof ResourceNames]?: string | undefined };

/** The deployments that belong to everything that is named; whatever is named has to exist. */
function deploymentsOf(
  world: SimulatedProton,
  { environmentName, serviceName, serviceInstanceName, componentName }: GivenNames,
): Deployment[] {
  if (serviceInstanceName !== undefined && serviceName === undefined) {
    throw new ServiceError('ValidationException', 'A serviceInstanceName must come with a serviceName.');
  }
  if (environmentName !== undefined) world.resource(`environment/${environmentName}`);
  if (serviceName !== undefined) world.service(serviceName);
  if (serviceInstanceName !== undefined) {
    world.resource(`service/${serviceName}/service-instance/${serviceInstanceName}`);
  }
  if (componentName !== undefined) world.resource(`component/${componentName}`);
  const given = { environmentName, serviceName, serviceInstanceName, componentName };
  const fits = (names: ResourceNames) =>
    (Object.keys(given) as (keyof ResourceNames)[]).every(
      (name) => given[name] === undefined || given[name] === names[name],
    );
  return world.resources.filter(({ names }) => fits(names)).flatMap(({ deployments }) => deployments);
}

/** AWS Proton as far as cancelling goes, and putting a version back, for `HttpServer`. */
export function protonService(world: SimulatedProton): JsonService {
  return {
    service: 'proton',
    target: 'AwsProton20200720',
    version: '1.0',
    call({ operation, input }) {
      if (!isOperationName(operation)) {
        throw new ServiceError(
          'UnknownOperationException',
          `This is an embedded AWS Proton without ${operation}. It knows ${OPERATION_NAMES.join(', ')}.`,
        );
      }
      validate(operation, input);
      const handle: (world: SimulatedProton, input: never) => object = HANDLERS[operation];
      return handle(world, withoutNulls(input) as never);
    },
  };
}

/** The protocol has two ways to leave a member out. */
function withoutNulls(input: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
}
