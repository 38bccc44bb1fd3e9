import type * as api from '@aws-sdk/client-proton';
import { isRead } from '../../core/consistency';
import { type EmulatedApi, ServiceError } from '../../core/http-server';
import type { OnWire } from '../../core/json-output';
import { jsonProtocol } from '../../core/protocols';
import { page, selectServiceInstances } from './listing';
import { isOperationName, OPERATION_NAMES, type OperationName, validate } from './model';
import {
  component,
  deployment,
  deploymentSummary,
  environment,
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
  readonly [O in OperationName]: (
    simulated: SimulatedProton,
    input: OnWire<Operations[O][0]>,
  ) => OnWire<Operations[O][1]>;
};

/** The operations. Their inputs have been validated. */
const HANDLERS: Handlers = {
  GetServiceInstance: (simulated, { serviceName, name }) => ({
    serviceInstance: serviceInstance(simulated.resource(`service/${serviceName}/service-instance/${name}`)),
  }),
  CancelServiceInstanceDeployment: (simulated, { serviceName, serviceInstanceName }) => ({
    serviceInstance: serviceInstance(
      simulated.cancel(`service/${serviceName}/service-instance/${serviceInstanceName}`),
    ),
  }),
  UpdateServiceInstance: (simulated, { serviceName, name, deploymentType, spec, templateMinorVersion }) => {
    if (spec !== undefined || !['CURRENT_VERSION', 'MINOR_VERSION'].includes(deploymentType ?? '')) {
      throw new ServiceError(
        'ValidationException',
        'the emulated AWS Proton updates only to the CURRENT_VERSION or a MINOR_VERSION, and only without a spec',
      );
    }
    const minorVersion = deploymentType === 'MINOR_VERSION' ? templateMinorVersion : undefined;
    return {
      serviceInstance: serviceInstance(
        simulated.update(`service/${serviceName}/service-instance/${name}`, minorVersion),
      ),
    };
  },
  GetService: (simulated, { name }) => ({
    service: service(
      simulated.service(name),
      simulated.resources.find(({ path }) => path === `service/${name}/pipeline`),
    ),
  }),
  CancelServicePipelineDeployment: (simulated, { serviceName }) => ({
    pipeline: servicePipeline(simulated.cancel(`service/${serviceName}/pipeline`)),
  }),
  GetEnvironment: (simulated, { name }) => ({ environment: environment(simulated.resource(`environment/${name}`)) }),
  CancelEnvironmentDeployment: (simulated, { environmentName }) => ({
    environment: environment(simulated.cancel(`environment/${environmentName}`)),
  }),
  GetComponent: (simulated, { name }) => ({ component: component(simulated.resource(`component/${name}`)) }),
  CancelComponentDeployment: (simulated, { componentName }) => ({
    component: component(simulated.cancel(`component/${componentName}`)),
  }),
  GetDeployment: (simulated, { id, ...names }) => {
    const found = deploymentsOf(simulated, names).find((candidate) => candidate.id === id);
    if (!found) throw new ServiceError('ResourceNotFoundException', `The deployment ${id} was not found.`);
    return { deployment: deployment(found, simulated.environment) };
  },
  ListDeployments: (simulated, input) => {
    const newestFirst = deploymentsOf(simulated, input).sort((a, b) => b.createdAt - a.createdAt);
    const { items, nextToken } = page(newestFirst, input);
    return { deployments: items.map((item) => deploymentSummary(item, simulated.environment)), nextToken };
  },
  ListServiceInstances: (simulated, input) => {
    if (input.serviceName !== undefined) simulated.service(input.serviceName);
    const { items, nextToken } = page(selectServiceInstances(simulated.resources, input), input);
    return { serviceInstances: items, nextToken };
  },
};

type GivenNames = { readonly [K in keyof ResourceNames]?: string | undefined };

/** The deployments of the named resources. Throws if one of them does not exist. */
function deploymentsOf(
  simulated: SimulatedProton,
  { environmentName, serviceName, serviceInstanceName, componentName }: GivenNames,
): Deployment[] {
  if (serviceInstanceName !== undefined && serviceName === undefined) {
    throw new ServiceError('ValidationException', 'A serviceInstanceName must come with a serviceName.');
  }
  if (environmentName !== undefined) simulated.resource(`environment/${environmentName}`);
  if (serviceName !== undefined) simulated.service(serviceName);
  if (serviceInstanceName !== undefined) {
    simulated.resource(`service/${serviceName}/service-instance/${serviceInstanceName}`);
  }
  if (componentName !== undefined) simulated.resource(`component/${componentName}`);
  const given = { environmentName, serviceName, serviceInstanceName, componentName };
  const fits = (names: ResourceNames) =>
    (Object.keys(given) as (keyof ResourceNames)[]).every(
      (name) => given[name] === undefined || given[name] === names[name],
    );
  return simulated.resources.filter(({ names }) => fits(names)).flatMap(({ deployments }) => deployments);
}

/** AWS Proton, limited to the operations that cancel deployments and update service instances. */
export function protonService(simulated: SimulatedProton): EmulatedApi {
  return {
    service: 'proton',
    protocol: jsonProtocol('AwsProton20200720', '1.0'),
    operationNames: OPERATION_NAMES,
    call({ operation, input }) {
      if (!isOperationName(operation)) {
        throw new ServiceError(
          'UnknownOperationException',
          `the emulated AWS Proton has no ${operation}; it has ${OPERATION_NAMES.join(', ')}`,
        );
      }
      validate(operation, input);
      const handle: (simulated: SimulatedProton, input: never) => object = HANDLERS[operation];
      const seen = isRead(operation) ? simulated.seenBy(`proton:${operation}`) : simulated;
      return handle(seen, withoutNulls(input) as never);
    },
  };
}

/** Removes null members, which count as absent. */
function withoutNulls(input: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
}
