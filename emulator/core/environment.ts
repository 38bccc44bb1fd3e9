/** An account and a region. */
export interface AwsEnvironment {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

export const DEFAULT_ENVIRONMENT: AwsEnvironment = { partition: 'aws', region: 'us-east-1', account: '123456789012' };

interface Partition {
  readonly name: string;
  /** The prefix of the names of its regions. */
  readonly regions: string;
  /** The domain of its endpoints. */
  readonly urlSuffix: string;
}

/** All other regions are in the first one. */
const PARTITIONS: readonly [Partition, ...Partition[]] = [
  { name: 'aws', regions: '', urlSuffix: 'amazonaws.com' },
  { name: 'aws-cn', regions: 'cn-', urlSuffix: 'amazonaws.com.cn' },
  { name: 'aws-us-gov', regions: 'us-gov-', urlSuffix: 'amazonaws.com' },
  { name: 'aws-eusc', regions: 'eusc-', urlSuffix: 'amazonaws.eu' },
  { name: 'aws-iso', regions: 'us-iso-', urlSuffix: 'c2s.ic.gov' },
  { name: 'aws-iso-b', regions: 'us-isob-', urlSuffix: 'sc2s.sgov.gov' },
  { name: 'aws-iso-e', regions: 'eu-isoe-', urlSuffix: 'cloud.adc-e.uk' },
  { name: 'aws-iso-f', regions: 'us-isof-', urlSuffix: 'csp.hci.ic.gov' },
];

export function partitionOf(region: string): string {
  const [commercial, ...others] = PARTITIONS;
  return (others.find(({ regions }) => region.startsWith(regions)) ?? commercial).name;
}

export function urlSuffixOf(partition: string): string {
  const [commercial] = PARTITIONS;
  return (PARTITIONS.find(({ name }) => name === partition) ?? commercial).urlSuffix;
}

/**
 * Renders an ARN.
 *
 * @param path the part of the ARN after the account
 */
export function arnOf({ partition, region, account }: AwsEnvironment, service: string, path: string): string {
  return `arn:${partition}:${service}:${region}:${account}:${path}`;
}

/** Renders the ARN of a resource of a service without regions. */
export function globalArnOf(environment: AwsEnvironment, service: string, path: string): string {
  return arnOf({ ...environment, region: '' }, service, path);
}
