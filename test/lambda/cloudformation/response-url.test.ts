import { isResponseUrl, signedTimesOf } from '../../../lambda/cloudformation/response-url';

const BUCKET = 'cloudformation-custom-resource-response-useast1';

describe('signedTimesOf', () => {
  test.each<[string, string, object | undefined]>([
    [
      'its time and its period',
      '?X-Amz-Date=20261001T120000Z&X-Amz-Expires=7200',
      { requestedAt: Date.parse('2026-10-01T12:00:00Z'), expiresAt: Date.parse('2026-10-01T14:00:00Z') },
    ],
    ['an older signature', '?AWSAccessKeyId=A&Expires=1790000000&Signature=S', undefined],
    ['no period', '?X-Amz-Date=20261001T120000Z', undefined],
    ['no time', '?X-Amz-Expires=7200', undefined],
    ['a time that does not exist', '?X-Amz-Date=20261301T120000Z&X-Amz-Expires=7200', undefined],
    ['a time in another format', '?X-Amz-Date=2026-10-01T12:00:00Z&X-Amz-Expires=7200', undefined],
    ['more than a time', '?X-Amz-Date=20261001T120000Z0&X-Amz-Expires=7200', undefined],
    ['something before a time', '?X-Amz-Date=020261001T120000Z&X-Amz-Expires=7200', undefined],
    ['a period with a fraction', '?X-Amz-Date=20261001T120000Z&X-Amz-Expires=7200.5', undefined],
    ['a negative period', '?X-Amz-Date=20261001T120000Z&X-Amz-Expires=-1', undefined],
  ])('a URL with %s', (_what, query, times) => {
    expect(signedTimesOf(`https://${BUCKET}.s3.amazonaws.com/key${query}`)).toEqual(times);
  });

  test('what is no URL has no times', () => {
    expect(signedTimesOf('X-Amz-Date=20261001T120000Z&X-Amz-Expires=7200')).toBeUndefined();
  });
});

describe('isResponseUrl', () => {
  test.each<[string, string]>([
    ['us-east-1', `https://${BUCKET}.s3.amazonaws.com/key?X-Amz-Signature=s`],
    ['us-east-1', `https://${BUCKET}.s3.us-east-1.amazonaws.com/key`],
    ['us-east-1', `https://${BUCKET}.s3-us-east-1.amazonaws.com/key`],
    ['us-east-1', `https://${BUCKET}.s3.dualstack.us-east-1.amazonaws.com/key`],
    ['eu-central-1', 'https://cloudformation-custom-resource-response-eucentral1.s3.eu-central-1.amazonaws.com/key'],
    ['cn-north-1', 'https://cloudformation-custom-resource-response-cnnorth1.s3.cn-north-1.amazonaws.com.cn/key'],
    ['us-gov-west-1', 'https://cloudformation-custom-resource-response-usgovwest1.s3.us-gov-west-1.amazonaws.com/k'],
  ])('in %s: %s', (region, url) => {
    expect(isResponseUrl(url, region)).toBe(true);
  });

  test.each([
    `http://${BUCKET}.s3.amazonaws.com/key`,
    `https://${BUCKET}.s3.amazonaws.com:8443/key`,
    `https://${BUCKET}.s3.amazonaws.com.example.com/key`,
    `https://example.com/${BUCKET}.s3.amazonaws.com`,
    `https://${BUCKET}.s3.amazonaws.com@example.com/key`,
    `https://x-${BUCKET}.s3.amazonaws.com/key`,
    'https://another-bucket.s3.amazonaws.com/key',
    'https://cloudformation-custom-resource-response-eucentral1.s3.eu-central-1.amazonaws.com/key',
    `https://${BUCKET}.s3.eu-central-1.amazonaws.com/key`,
    'http://169.254.169.254/latest',
    'http://localhost:4566/key',
    'file:///etc/passwd',
    'no URL',
    '',
  ])('in us-east-1, not %s', (url) => {
    expect(isResponseUrl(url, 'us-east-1')).toBe(false);
  });

  test.each<[string, boolean]>([
    ['http://localhost:1234/key', true],
    ['http://127.0.0.1/key', true],
    ['http://[::1]:99/key', true],
    ['https://emulator.internal/key', true],
    [`https://${BUCKET}.s3.amazonaws.com/key`, true],
    ['https://example.com/key', false],
    ['file://localhost/key', false],
    ['ftp://localhost/key', false],
  ])('with the endpoint of an emulator: %s is %p', (url, expected) => {
    expect(isResponseUrl(url, 'us-east-1', 'http://emulator.internal:4566')).toBe(expected);
  });
});
