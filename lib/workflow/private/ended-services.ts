import { Annotations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { CancellationSettings } from '../../contract/cancellation';
import { type DeploymentKind, KINDS, serviceOf } from '../../deployments/kinds';

/** The services that AWS no longer offers. */
const ENDED = new Set<string>(
  Object.entries(KINDS)
    .filter(([, definition]) => 'lifecycle' in definition && definition.lifecycle === 'ended')
    .map(([kind]) => serviceOf(kind as DeploymentKind)),
);

/** Warns at synthesis of a cancellation that AWS cannot do. */
export function warnIfEnded(
  deployments: readonly { readonly kind: string }[],
  { endpoint }: CancellationSettings,
  scope: IConstruct,
): void {
  const service = deployments.map(({ kind }) => serviceOf(kind)).find((name) => ENDED.has(name));
  if (service === undefined || endpoint !== undefined) return;
  Annotations.of(scope).addWarningV2(
    'cdk-deployment-cancellation:serviceEnded',
    `AWS no longer offers ${service}, so this cancellation ends as UNAVAILABLE: set endpoint to a service that is compatible with ${service}`,
  );
}
