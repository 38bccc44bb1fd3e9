import type { DeploymentKind } from '../../contract/cancellation';
import type { KindDefinition } from '../kind-definition';

export type ProtonKindName = Extract<DeploymentKind, `proton-${string}`>;

/** One kind of Proton resource whose deployment can be cancelled, as the Proton API and its IAM actions name it. */
export interface ProtonKind<Name extends string = string> {
  /** What a person calls it. */
  readonly label: string;
  /** The names that address it, the widest first. */
  readonly identifiers: readonly Name[];
  readonly cancelAction: string;
  readonly readAction: string;
  /** Its ARN after `arn:PARTITION:proton:REGION:ACCOUNT:`. */
  resource(identifiers: Readonly<Record<Name, string>>): string;
}

/** Lets the compiler hold `resource` to the names of its kind. */
const kind = <Name extends string>(definition: ProtonKind<Name>) => definition;

export const PROTON_KINDS = {
  'proton-service-instance': kind({
    label: 'service instance',
    identifiers: ['serviceName', 'serviceInstanceName'],
    cancelAction: 'proton:CancelServiceInstanceDeployment',
    readAction: 'proton:GetServiceInstance',
    resource: ({ serviceName, serviceInstanceName }) =>
      `service/${serviceName}/service-instance/${serviceInstanceName}`,
  }),
  // Has neither a read of its own nor an ARN that could be known: it is a part of its service.
  'proton-service-pipeline': kind({
    label: 'service pipeline',
    identifiers: ['serviceName'],
    cancelAction: 'proton:CancelServicePipelineDeployment',
    readAction: 'proton:GetService',
    resource: ({ serviceName }) => `service/${serviceName}`,
  }),
  'proton-environment': kind({
    label: 'environment',
    identifiers: ['environmentName'],
    cancelAction: 'proton:CancelEnvironmentDeployment',
    readAction: 'proton:GetEnvironment',
    resource: ({ environmentName }) => `environment/${environmentName}`,
  }),
  'proton-component': kind({
    label: 'component',
    identifiers: ['componentName'],
    cancelAction: 'proton:CancelComponentDeployment',
    readAction: 'proton:GetComponent',
    resource: ({ componentName }) => `component/${componentName}`,
  }),
} as const;

/** The names that address one of a kind. */
export type ProtonNames<K extends ProtonKindName> = Readonly<
  Record<(typeof PROTON_KINDS)[K]['identifiers'][number], string>
>;

/** Reads one deployment by its id, whatever it belongs to. */
export const PROTON_DEPLOYMENT_READ_ACTION = 'proton:GetDeployment';

const NAME = /^[0-9A-Za-z]+[0-9A-Za-z_-]*$/;

/** Says what is wrong with a name of the Proton API, or nothing. */
export function validateProtonName(value: unknown): string | undefined {
  if (typeof value !== 'string') return `must be a string, not ${value === null ? 'null' : typeof value}`;
  if (value.length < 1 || value.length > 100) return `must have 1 to 100 characters, not ${value.length}`;
  if (!NAME.test(value)) {
    return `must start with a letter or digit and hold only letters, digits, '-' and '_', not '${value}'`;
  }
  return undefined;
}

function definitionOf({ label, identifiers }: ProtonKind): KindDefinition {
  return {
    identifierSets: [identifiers],
    validate: (_name, value) => validateProtonName(value),
    displayName: (values) => `${label} ${identifiers.map((name) => values[name]).join('/')}`,
  };
}

export const PROTON_KIND_DEFINITIONS: Readonly<Record<ProtonKindName, KindDefinition>> = {
  'proton-service-instance': definitionOf(PROTON_KINDS['proton-service-instance']),
  'proton-service-pipeline': definitionOf(PROTON_KINDS['proton-service-pipeline']),
  'proton-environment': definitionOf(PROTON_KINDS['proton-environment']),
  'proton-component': definitionOf(PROTON_KINDS['proton-component']),
};
