import { ServiceError } from '../../core/http-server';

/** The constraint of the API model for one member of an input. */
type Constraint = { readonly required?: true } & (
  | {
      readonly type: 'String';
      readonly min?: number;
      readonly max?: number;
      /** As in the model, because messages quote it. */
      readonly pattern?: string;
      readonly values?: readonly string[];
    }
  | { readonly type: 'Integer'; readonly min: number; readonly max: number }
  | { readonly type: 'List'; readonly member: Constraint }
  | { readonly type: 'Structure'; readonly members: Members }
);
type Members = Readonly<Record<string, Constraint>>;

const NAME = { type: 'String', min: 1, max: 100, pattern: '^[0-9A-Za-z]+[0-9A-Za-z_\\-]*$' } as const;
const DEPLOYMENT_ID = {
  type: 'String',
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
} as const;
const MAX_RESULTS = { type: 'Integer', min: 1, max: 100 } as const;
const NEXT_TOKEN = { type: 'String', pattern: '^[A-Za-z0-9+=/]+$' } as const;
const VERSION_PART = { type: 'String', min: 1, max: 20, pattern: '^(0|([1-9]{1}\\d*))$' } as const;
const REQUIRED_NAME = { ...NAME, required: true } as const;

const FILTER: Constraint = {
  type: 'Structure',
  // The model requires neither member. A filter without one of them has no meaning, and ignoring it would return too much.
  members: {
    key: {
      type: 'String',
      required: true,
      values: [
        'name',
        'deploymentStatus',
        'templateName',
        'serviceName',
        'deployedTemplateVersionStatus',
        'environmentName',
        'lastDeploymentAttemptedAtBefore',
        'lastDeploymentAttemptedAtAfter',
        'createdAtBefore',
        'createdAtAfter',
      ],
    },
    value: { type: 'String', required: true },
  },
};

/** The inputs of the emulated operations, with the constraints of the model of 2020-07-20. */
const INPUTS = {
  GetServiceInstance: { name: REQUIRED_NAME, serviceName: REQUIRED_NAME },
  CancelServiceInstanceDeployment: { serviceInstanceName: REQUIRED_NAME, serviceName: REQUIRED_NAME },
  UpdateServiceInstance: {
    clientToken: { type: 'String', min: 0, max: 64, pattern: '^[!-~]*$' },
    deploymentType: {
      type: 'String',
      required: true,
      values: ['NONE', 'CURRENT_VERSION', 'MINOR_VERSION', 'MAJOR_VERSION'],
    },
    name: REQUIRED_NAME,
    serviceName: REQUIRED_NAME,
    spec: { type: 'String', min: 1, max: 51200 },
    templateMajorVersion: VERSION_PART,
    templateMinorVersion: VERSION_PART,
  },
  GetService: { name: REQUIRED_NAME },
  CancelServicePipelineDeployment: { serviceName: REQUIRED_NAME },
  GetEnvironment: { name: REQUIRED_NAME },
  CancelEnvironmentDeployment: { environmentName: REQUIRED_NAME },
  GetComponent: { name: REQUIRED_NAME },
  CancelComponentDeployment: { componentName: REQUIRED_NAME },
  GetDeployment: {
    id: { ...DEPLOYMENT_ID, required: true },
    componentName: NAME,
    environmentName: NAME,
    serviceInstanceName: NAME,
    serviceName: NAME,
  },
  ListDeployments: {
    componentName: NAME,
    environmentName: NAME,
    maxResults: MAX_RESULTS,
    nextToken: NEXT_TOKEN,
    serviceInstanceName: NAME,
    serviceName: NAME,
  },
  ListServiceInstances: {
    filters: { type: 'List', member: FILTER },
    maxResults: MAX_RESULTS,
    nextToken: NEXT_TOKEN,
    serviceName: NAME,
    sortBy: {
      type: 'String',
      values: [
        'name',
        'deploymentStatus',
        'templateName',
        'serviceName',
        'environmentName',
        'lastDeploymentAttemptedAt',
        'createdAt',
      ],
    },
    sortOrder: { type: 'String', values: ['ASCENDING', 'DESCENDING'] },
  },
} as const satisfies Record<string, Members>;

export type OperationName = keyof typeof INPUTS;
export const OPERATION_NAMES = Object.keys(INPUTS) as readonly OperationName[];

export function isOperationName(operation: string): operation is OperationName {
  return Object.hasOwn(INPUTS, operation);
}

type JsonObject = Readonly<Record<string, unknown>>;

/** Rejects inputs that the model does not allow, with the messages of AWS. Ignores members that are not in the model. */
export function validate(operation: OperationName, input: JsonObject): void {
  checkTypes(input, { type: 'Structure', members: INPUTS[operation] });
  const violations = [...violationsOf(INPUTS[operation], input, '')];
  if (violations.length === 0) return;
  const count = `${violations.length} validation error${violations.length === 1 ? '' : 's'} detected`;
  throw new ServiceError('ValidationException', `${count}: ${violations.join('; ')}`);
}

/** Checks JSON types first: a value with the wrong type cannot be deserialized. */
function checkTypes(value: unknown, constraint: Constraint): void {
  if (value === undefined || value === null) return;
  if (constraint.type === 'List' && Array.isArray(value)) {
    for (const item of value) checkTypes(item, constraint.member);
    return;
  }
  if (constraint.type === 'Structure' && isObject(value)) {
    for (const [name, member] of Object.entries(constraint.members)) checkTypes(value[name], member);
    return;
  }
  if (constraint.type === 'String' && typeof value === 'string') return;
  if (constraint.type === 'Integer' && Number.isSafeInteger(value)) return;
  throw new ServiceError('SerializationException', misfit(value, constraint.type));
}

function misfit(value: unknown, type: Constraint['type']): string {
  if (Array.isArray(value)) return 'Start of list found where not expected';
  if (isObject(value)) return 'Start of structure or map found where not expected';
  const token = typeof value === 'boolean' ? `${value}` : typeof value;
  return `${token.toUpperCase()}_VALUE cannot be converted to ${type}`;
}

function* violationsOf(members: Members, input: JsonObject, path: string): Generator<string> {
  for (const [name, constraint] of Object.entries(members)) yield* violations(constraint, input[name], path + name);
}

/** @param value absent, or with the type of the constraint */
function* violations(constraint: Constraint, value: unknown, path: string): Generator<string> {
  const violation = (what: string) =>
    `Value ${value === undefined || value === null ? 'null' : `'${value}'`} at '${path}' failed to satisfy constraint: Member must ${what}`;
  if (value === undefined || value === null) {
    if (constraint.required) yield violation('not be null');
  } else if (constraint.type === 'List') {
    for (const [index, item] of (value as unknown[]).entries()) {
      yield* violations({ ...constraint.member, required: true }, item, `${path}.${index + 1}.member`);
    }
  } else if (constraint.type === 'Structure') {
    yield* violationsOf(constraint.members, value as JsonObject, `${path}.`);
  } else if (constraint.type === 'Integer') {
    const { min, max } = constraint;
    if ((value as number) < min) yield violation(`have value greater than or equal to ${min}`);
    if ((value as number) > max) yield violation(`have value less than or equal to ${max}`);
  } else {
    const { min = 0, max = Number.POSITIVE_INFINITY, pattern, values } = constraint;
    const text = value as string;
    if (text.length < min) yield violation(`have length greater than or equal to ${min}`);
    if (text.length > max) yield violation(`have length less than or equal to ${max}`);
    if (pattern && !new RegExp(pattern).test(text)) yield violation(`satisfy regular expression pattern: ${pattern}`);
    if (values && !values.includes(text)) yield violation(`satisfy enum value set: [${values.join(', ')}]`);
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
