import type { Attributes, Deployment, Result } from '../lib/contract/cancellation';
import { displayNameOf } from '../lib/deployments/kinds';
import { consoleUrl } from './console-url';
import { type ExitCode, exitCodeOf } from './exit-code';

/** The result of a cancellation, as `--json` prints it. */
export interface ResultDocument {
  readonly outcome: Result['outcome'];
  readonly failed: boolean;
  readonly reason: string;
  readonly exitCode: ExitCode;
  readonly displayName: string;
  readonly deployment: Deployment;
  readonly deploymentId: string | null;
  readonly deploymentStatus: string | null;
  readonly consoleUrl: string | null;
  /** What the service says about the resource that is deployed. */
  readonly attributes: Attributes;
}

export function resultDocument(
  { outcome, failed, reason, attributes }: Result,
  deployment: Deployment,
  place: Parameters<typeof consoleUrl>[2],
): ResultDocument {
  const { deploymentId, deploymentStatus, outcome: _outcome, ...others } = attributes;
  return {
    outcome,
    failed,
    reason,
    exitCode: exitCodeOf({ outcome, failed }),
    displayName: displayNameOf(deployment),
    deployment,
    deploymentId: deploymentId || null,
    deploymentStatus: deploymentStatus ?? null,
    consoleUrl: consoleUrl(deployment, deploymentId || undefined, place) ?? null,
    attributes: others,
  };
}

/** The last sentence: what happened, and where to see it. */
export function sentenceOf({ outcome, reason, consoleUrl: url }: ResultDocument): string {
  return `${outcome}: ${reason}${url === null ? '' : `; see ${url}`}`;
}
