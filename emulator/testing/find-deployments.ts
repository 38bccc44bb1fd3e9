import { DEPLOYMENT_KINDS, type Deployment } from '../../lib/contract/cancellation';
import { isRecord } from '../aws/cloudformation/template';
import { type ReadTemplate, UNKNOWN } from './templates';

/** As a state machine or a rule has it in a text. */
const IN_TEXT = /\{"kind":"([a-z-]+)","identifiers":(\{[^{}]*\})\}/g;

/** Every deployment that the templates name, whoever cancels it: a resource, a state machine, or a rule. */
export function findDeployments(templates: readonly ReadTemplate[]): Deployment[] {
  const found = new Map<string, Deployment>();
  for (const { stackName, template, value } of templates) {
    for (const [logicalId, { Properties }] of Object.entries(template.Resources)) {
      for (const deployment of deploymentsIn(value(Properties))) {
        checkNames(deployment, `${stackName}/${logicalId}`);
        found.set(JSON.stringify(deployment), deployment);
      }
    }
  }
  return [...found.values()];
}

function deploymentsIn(value: unknown): Deployment[] {
  if (typeof value === 'string') {
    return [...value.matchAll(IN_TEXT)].flatMap(([, kind, identifiers = '']) =>
      deploymentsIn({ kind, identifiers: JSON.parse(identifiers) }),
    );
  }
  if (Array.isArray(value)) return value.flatMap(deploymentsIn);
  if (!isRecord(value)) return [];
  return isDeployment(value) ? [value] : Object.values(value).flatMap(deploymentsIn);
}

function isDeployment(value: object): value is Deployment {
  const { kind, identifiers } = value as Partial<Deployment>;
  return isRecord(identifiers) && DEPLOYMENT_KINDS.some((known) => known === kind);
}

function checkNames({ kind, identifiers }: Deployment, where: string): void {
  for (const [name, value] of Object.entries(identifiers)) {
    if (typeof value === 'string' && !value.includes(UNKNOWN) && !name.endsWith('.$')) continue;
    throw new Error(
      `${name.replace(/\.\$$/, '')} of the ${kind} that ${where} cancels is known only when the stack is deployed; say what there is to be cancelled with deployments: [{ kind: '${kind}', identifiers: … }]`,
    );
  }
}
