import { type RawAnswer, type RawRequest, ServiceError } from '../../core/http-server';
import type { Authorize } from '../iam';
import type { Lambda } from './lambda';

const PREFIX = '/2015-03-31/functions/';
const SUFFIX = '/invocations';

/**
 * Answers calls of the REST API of Lambda, limited to synchronous invocations. Returns undefined for requests that are not
 * for this API.
 */
export function answerInvocation(
  lambda: Pick<Lambda, 'invoke'>,
  { method, path, headers, body, accessKeyId }: RawRequest,
  authorize: (accessKeyId: string | undefined, request: Parameters<Authorize>[1]) => string | undefined,
): Promise<RawAnswer> | RawAnswer | undefined {
  if (!path.startsWith(PREFIX)) return undefined;
  const [resource = ''] = path.split('?');
  const type = headers['x-amz-invocation-type'] ?? 'RequestResponse';
  if (method !== 'POST' || !resource.endsWith(SUFFIX) || type !== 'RequestResponse' || path !== resource) {
    return failure(
      404,
      'UnknownOperationException',
      `the emulated Lambda has no ${method} ${path} with the type ${type}`,
    );
  }
  const arn = decodeURIComponent(resource.slice(PREFIX.length, -SUFFIX.length));
  const denied = authorize(accessKeyId, { action: 'lambda:InvokeFunction', resource: arn });
  return denied === undefined ? invoke(lambda, arn, body) : failure(403, 'AccessDeniedException', denied);
}

async function invoke(lambda: Pick<Lambda, 'invoke'>, arn: string, body: string): Promise<RawAnswer> {
  try {
    const { payload, functionError } = await lambda.invoke(arn, JSON.parse(body || '{}'));
    return {
      statusCode: 200,
      contentType: 'application/json',
      headers: { 'x-amz-executed-version': '$LATEST', ...(functionError && { 'x-amz-function-error': functionError }) },
      body: payload,
    };
  } catch (error) {
    if (error instanceof SyntaxError) return failure(400, 'InvalidRequestContentException', error.message);
    if (error instanceof ServiceError) return failure(error.statusCode, error.type, error.message);
    throw error;
  }
}

function failure(statusCode: number, type: string, message: string): RawAnswer {
  return {
    statusCode,
    contentType: 'application/json',
    headers: { 'x-amzn-errortype': type },
    body: JSON.stringify({ Type: 'User', Message: message }),
  };
}
