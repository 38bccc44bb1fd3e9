import type { Deployment } from '../lib/contract/cancellation';
import { kindDefinition } from '../lib/deployments/kinds';

/** The domains of the AWS Management Console. */
const DOMAINS: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};

/** The page of a deployment in the AWS Management Console; undefined if there is none. */
export function consoleUrl(
  { kind, identifiers }: Deployment,
  deploymentId: string | undefined,
  { partition, region }: { readonly partition: string; readonly region: string },
): string | undefined {
  const domain = DOMAINS[partition];
  const path = kindDefinition(kind).consolePath?.({ identifiers, deploymentId, region });
  return domain === undefined || path === undefined ? undefined : `https://${region}.${domain}/${path}`;
}
