import type { DeploymentDefinition } from '../kind-definition';
import { stringValidator } from '../validator';

/** A call of an API, as data. */
export interface ApiCall {
  /** The IAM action, whose name is that of the operation in the SDK. */
  readonly action: string;
  /** The input of the operation. Placeholders in its strings stand for the identifiers of the deployment. */
  readonly parameters: unknown;
  /** The resource that the action is allowed on, for errors. */
  readonly resource: string;
}

/** The API of a deployment, as data without tokens. An input of the workflow contains it as JSON. */
export interface ApiDeclaration {
  readonly label: string;
  /** The end of the name of the client in the SDK. */
  readonly service: string;
  readonly cancel: ApiCall;
  readonly read: ApiCall & { readonly idPath: string; readonly statusPath: string; readonly startTimePath?: string };
  readonly statuses: Readonly<Record<ApiStatus, readonly string[]>>;
  readonly errors: { readonly notFound: readonly string[]; readonly refused: readonly string[] };
}

export const API_STATUSES = ['inProgress', 'cancelling', 'cancelled', 'failed', 'succeeded'] as const;
export type ApiStatus = (typeof API_STATUSES)[number];

/** The placeholder for the ID of the deployment. */
export const DEPLOYMENT_ID = '{deploymentId}';

/** The placeholder for an ID that the API takes as a number. It is a whole value. */
export const DEPLOYMENT_NUMBER = '{deploymentNumber}';

/** The identifiers for the values that are known only when the stack is deployed, or the cancellation runs. */
export const API_PARAMETERS = Array.from({ length: 9 }, (_, index) => `parameter${index + 1}`);

/** The rest of the state of a guard also fits into a parameter of Parameter Store, which holds 4 KB. */
const MAX_LENGTH = 2_000;

const ACTION = /^[a-z\d-]+:[A-Z]\w*$/;
const PATH = /^[A-Za-z]\w*(\[\d+\])*(\.[A-Za-z]\w*(\[\d+\])*)*$/;

/** Whether the input of a call contains the ID of the deployment: another ID makes another input. */
export function containsId({ parameters }: Pick<ApiCall, 'parameters'>): boolean {
  const [one, other] = ['1', '2'].map((deploymentId) => JSON.stringify(fillIn(parameters, { deploymentId })));
  return one !== other;
}

/** Replaces the placeholders in the strings of a value. The inserted values are not searched for placeholders. */
export function fillIn(value: unknown, identifiers: Readonly<Record<string, string>>): unknown {
  if (value === DEPLOYMENT_NUMBER) return Number(identifiers.deploymentId);
  if (typeof value === 'string') {
    return value.replace(/\{(\w+)\}/g, (text, name) => (Object.hasOwn(identifiers, name) && identifiers[name]) || text);
  }
  if (Array.isArray(value)) return value.map((item) => fillIn(item, identifiers));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fillIn(item, identifiers)]));
}

/** Parses a declaration that has been validated. */
export function parseDeclaration(text = ''): ApiDeclaration {
  return JSON.parse(text);
}

function validateDeclaration(text: unknown): string | undefined {
  if (typeof text !== 'string') return `must be a string, not ${text === null ? 'null' : typeof text}`;
  if (text.length > MAX_LENGTH) return `must have at most ${MAX_LENGTH} characters as JSON, not ${text.length}`;
  try {
    return problemOf(parseDeclaration(text));
  } catch {
    return 'must be the JSON of an AwsApiDeployment with all required properties';
  }
}

/** Returns what is wrong with a declaration, or undefined. */
function problemOf({ label, service, cancel, read, statuses }: ApiDeclaration): string | undefined {
  const names = API_STATUSES.flatMap((meaning) => statuses[meaning]);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  const problems = [
    !/^[!-z|~][ -z|~]{0,59}$/.test(label) && `label must have 1 to 60 characters of ASCII, not '${label}'`,
    !/^[a-z][a-z\d-]*$/.test(service) && `service must be one such as sfn of @aws-sdk/client-sfn, not '${service}'`,
    ...[cancel, read].map(
      ({ action }) => !ACTION.test(action) && `action must be an IAM action without wildcards, not '${action}'`,
    ),
    !containsId(cancel) &&
      'cancel.parameters must contain AwsApiDeployment.DEPLOYMENT_ID: without it, a newer deployment could be cancelled',
    ...(['idPath', 'statusPath', 'startTimePath'] as const).map(
      (name) =>
        !(PATH.test(read[name] ?? '') || (name === 'startTimePath' && read[name] === undefined)) &&
        `read.${name} must be a path in the response, such as Items[0].State, not '${read[name]}'`,
    ),
    !(containsId(read) || read.startTimePath) &&
      'read.startTimePath is required if read.parameters do not contain AwsApiDeployment.DEPLOYMENT_ID: a deployment that started after the request is not cancelled',
    !names.every((name) => /^[\w .:/-]+$/.test(name)) && 'statuses must be names of statuses',
    twice !== undefined && `statuses must have ${twice} once`,
    statuses.inProgress.length === 0 && 'statuses.inProgress must name a status: no other is cancelled',
    names.length === statuses.inProgress.length + statuses.cancelling.length &&
      'statuses must name one of a deployment that is over',
  ];
  return problems.find((problem) => typeof problem === 'string');
}

const validateValue = stringValidator({ pattern: /^\P{Cc}{1,512}$/u, rule: 'have 1 to 512 printable characters' });

/** As many parameters as there are, with the ID and without it. */
const IDENTIFIER_SETS = [...API_PARAMETERS.keys(), API_PARAMETERS.length].reverse().flatMap((count) => {
  const names = ['declaration', ...API_PARAMETERS.slice(0, count)];
  return [[...names, 'deploymentId'], names];
});

export const AWS_API_KINDS = {
  'aws-api-deployment': {
    className: 'AwsApiDeployment',
    label: 'deployment',
    identifiers: {
      declaration: { validate: validateDeclaration },
      deploymentId: {
        validate: stringValidator({ pattern: /^[!-~]{1,100}$/, rule: 'have 1 to 100 visible characters of ASCII' }),
      },
      ...Object.fromEntries(API_PARAMETERS.map((name) => [name, { validate: validateValue }])),
    },
    identifierSets: IDENTIFIER_SETS,
    displayName: ({ declaration, deploymentId }) =>
      [parseDeclaration(declaration).label, ...(deploymentId === undefined ? [] : [deploymentId])].join(' '),
    attributes: [],
    cancelsById: true,
    lifecycle: 'experimental',
  },
} as const satisfies Readonly<Record<string, DeploymentDefinition>>;
