import type { Deployment } from '../../lib/contract/cancellation';
import { type DeploymentKind, isDeploymentKind } from '../../lib/deployments/kinds';
import { isRecord } from '../aws/cloudformation/template';
import { type EvaluatedTemplate, UNKNOWN } from './evaluation';
import type { ConstructPaths } from './sources';

/** A deployment in a string of a state machine or a rule. */
const IN_TEXT = /\{"kind":"[a-z-]+","identifiers":\{[^{}]*\}(,"options":\{[^{}]*\})?\}/g;

type FoundDeployment = Deployment & { readonly kind: DeploymentKind };

/** Every deployment that the templates name, in a cancellation, a guard, a state machine or a rule. */
export function findDeployments(templates: readonly EvaluatedTemplate[], paths: ConstructPaths): FoundDeployment[] {
  const found = new Map<string, FoundDeployment>();
  for (const { stackName, resources } of templates) {
    for (const { logicalId, properties, template } of resources) {
      for (const deployment of deploymentsIn(properties ?? template)) {
        checkNames(deployment, paths.of(stackName, logicalId));
        found.set(JSON.stringify(deployment), deployment);
      }
    }
  }
  return [...found.values()];
}

function deploymentsIn(value: unknown): FoundDeployment[] {
  if (typeof value === 'string') {
    return [...value.matchAll(IN_TEXT)].flatMap(([text]) => deploymentsIn(JSON.parse(text)));
  }
  if (Array.isArray(value)) return value.flatMap(deploymentsIn);
  if (!isRecord(value)) return [];
  return isDeployment(value) ? [value] : Object.values(value).flatMap(deploymentsIn);
}

function isDeployment(value: object): value is FoundDeployment {
  const { kind, identifiers } = value as Partial<Deployment>;
  return isRecord(identifiers) && typeof kind === 'string' && isDeploymentKind(kind);
}

function checkNames({ kind, identifiers }: Deployment, where: string): void {
  for (const [name, value] of Object.entries(identifiers)) {
    if (typeof value === 'string' && !value.includes(UNKNOWN) && !name.endsWith('.$')) continue;
    throw new Error(
      `${name.replace(/\.\$$/, '')} of the ${kind} that ${where} cancels is known only when the stack is deployed: add deployments: [{ kind: '${kind}', identifiers: … }]`,
    );
  }
}
