/** Modules that a function has in place of the SDK's own; which of them is for which is said in `lean.mjs`. */

/** In place of the chain of providers: Lambda hands a function its credentials in the environment, and nowhere else. */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
/** In place of the strategy with a rate limiter: nobody sets `AWS_RETRY_MODE` on a function of this library. */
export { StandardRetryStrategy as AdaptiveRetryStrategy } from '@smithy/core/retry';

/** In place of the files of `~/.aws`: Lambda has none, and looking for them costs time. */
export const loadSharedConfigFiles = async () => ({ configFile: {}, credentialsFile: {} });
export const CONFIG_PREFIX_SEPARATOR = '.';

/** In place of the metadata service of EC2, which Lambda has not; the region is in the environment. */
export const getInstanceMetadataRegion = async () => undefined;

/** In place of what only endpoints of S3 need: it is asked for when there is a bucket. */
export const resolveParamsForS3 = async () => undefined;
