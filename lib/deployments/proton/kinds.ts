import type { IdentifierDefinition, Identifiers, KindDefinition } from '../kind-definition';
import { stringValidator } from '../validator';

export const validateProtonName = stringValidator({
  pattern: /^[0-9A-Za-z]+[0-9A-Za-z_-]*$/,
  maxLength: 100,
  rule: "start with a letter or digit and hold only letters, digits, '-' and '_'",
});

export type ProtonKind<Name extends string = string> = KindDefinition<Name>;

const TIMES = ['createdAt', 'lastDeploymentAttemptedAt', 'lastDeploymentSucceededAt'] as const;
const TEMPLATE = ['templateName', 'templateMajorVersion', 'templateMinorVersion'] as const;

/** The properties in which the kinds of Proton differ. */
type Differing<Name extends string> = Pick<
  ProtonKind<Name>,
  'label' | 'cancelAction' | 'readAction' | 'resource' | 'attributes'
> & {
  /** The identifiers with their samples, the widest first. All of them are needed. */
  readonly samples: Readonly<Record<Name, string>>;
};

function protonKind<Name extends string>({ label, samples, ...actions }: Differing<Name>) {
  const names = Object.keys(samples) as Name[];
  const identifiers = Object.fromEntries(
    names.map((name) => [name, { validate: validateProtonName, sample: samples[name] }]),
  ) as Record<Name, IdentifierDefinition>;
  return {
    className: 'ProtonDeployment',
    label,
    identifiers,
    identifierSets: [names],
    displayName: (values: Identifiers<Name>) => `${label} ${names.map((name) => values[name]).join('/')}`,
    ...actions,
    cancelsById: false,
    rollsBack: false,
    lifecycle: 'ended',
  } as const satisfies ProtonKind<Name>;
}

export const PROTON_KINDS = {
  'proton-service-instance': protonKind({
    label: 'service instance',
    samples: { serviceName: 'web', serviceInstanceName: 'web-prod' },
    attributes: ['arn', 'name', 'serviceName', 'environmentName', ...TIMES, ...TEMPLATE],
    cancelAction: 'proton:CancelServiceInstanceDeployment',
    readAction: 'proton:GetServiceInstance',
    resource: ({ serviceName, serviceInstanceName }) =>
      `service/${serviceName}/service-instance/${serviceInstanceName}`,
  }),
  // A pipeline is a part of its service: it has no read action, and no ARN that is known at synthesis.
  'proton-service-pipeline': protonKind({
    label: 'service pipeline',
    samples: { serviceName: 'web' },
    attributes: ['arn', ...TIMES, ...TEMPLATE],
    cancelAction: 'proton:CancelServicePipelineDeployment',
    readAction: 'proton:GetService',
    resource: ({ serviceName }) => `service/${serviceName}`,
  }),
  'proton-environment': protonKind({
    label: 'environment',
    samples: { environmentName: 'prod' },
    attributes: ['arn', 'name', ...TIMES, ...TEMPLATE],
    cancelAction: 'proton:CancelEnvironmentDeployment',
    readAction: 'proton:GetEnvironment',
    resource: ({ environmentName }) => `environment/${environmentName}`,
  }),
  'proton-component': protonKind({
    label: 'component',
    samples: { componentName: 'bucket' },
    attributes: ['arn', 'name', 'serviceName', 'environmentName', ...TIMES],
    cancelAction: 'proton:CancelComponentDeployment',
    readAction: 'proton:GetComponent',
    resource: ({ componentName }) => `component/${componentName}`,
  }),
} as const;

export type ProtonKindName = keyof typeof PROTON_KINDS;

/** The identifiers of a kind of Proton. */
export type ProtonNames<K extends ProtonKindName> = Readonly<
  Record<keyof (typeof PROTON_KINDS)[K]['identifiers'], string>
>;

/** Reads one deployment of any kind by its ID. */
export const PROTON_DEPLOYMENT_READ_ACTION = 'proton:GetDeployment';
