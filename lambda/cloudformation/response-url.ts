/** What a signed URL says about itself. Times are milliseconds since the epoch. */
export interface SignedTimes {
  /** The time at which CloudFormation made the request. */
  readonly requestedAt: number;
  readonly expiresAt: number;
}

/** Reads the times of a signed URL; undefined if it has none, as with older signatures. */
export function signedTimesOf(url: string): SignedTimes | undefined {
  if (!URL.canParse(url)) return undefined;
  const { searchParams } = new URL(url);
  const date = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(searchParams.get('X-Amz-Date') ?? '');
  const expires = searchParams.get('X-Amz-Expires') ?? '';
  if (!date || !/^\d{1,7}$/.test(expires)) return undefined;
  const [, year, month, day, hours, minutes, seconds] = date;
  const requestedAt = Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`);
  return Number.isNaN(requestedAt) ? undefined : { requestedAt, expiresAt: requestedAt + Number(expires) * 1000 };
}

/** The domains of S3, in all partitions of AWS. */
const AWS_DOMAINS = [
  'amazonaws.com',
  'amazonaws.com.cn',
  'amazonaws.eu',
  'c2s.ic.gov',
  'sc2s.sgov.gov',
  'cloud.adc-e.uk',
  'csp.hci.ic.gov',
];

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Whether a URL is one to which CloudFormation takes responses: an object in its bucket of the region. Elsewhere, whoever
 * may invoke the function could make it send responses to a host of theirs.
 *
 * @param region the region of the function, which is that of the stack
 * @param endpointUrl the endpoint of an emulator, whose host and loopback addresses are taken as well
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/vpc-interface-endpoints.html
 */
export function isResponseUrl(url: string, region: string, endpointUrl?: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, port } = new URL(url);
  if (endpointUrl !== undefined && (protocol === 'http:' || protocol === 'https:')) {
    if (LOOPBACK.test(hostname) || hostname === hostOf(endpointUrl)) return true;
  }
  const bucket = `cloudformation-custom-resource-response-${region.replaceAll('-', '')}`;
  const endpoints = ['s3', `s3.${region}`, `s3-${region}`, `s3.dualstack.${region}`];
  const isBucket = AWS_DOMAINS.some((domain) =>
    endpoints.some((endpoint) => hostname === `${bucket}.${endpoint}.${domain}`),
  );
  return protocol === 'https:' && port === '' && isBucket;
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}
