import { resultDocument, sentenceOf } from '../../cli/result-document';

const PLACE = { partition: 'aws', region: 'eu-west-1' };
const DEPLOYMENT = { kind: 'cloudformation-stack-update', identifiers: { stackName: 'web' } };

test('the result as a document, and as a sentence', () => {
  const attributes = { outcome: 'CANCELLED', deploymentId: 'abc', deploymentStatus: 'DONE', name: 'web' };
  const document = resultDocument(
    { outcome: 'CANCELLED', failed: false, reason: 'it is DONE', attributes },
    DEPLOYMENT,
    PLACE,
  );
  const url =
    'https://eu-west-1.console.aws.amazon.com/cloudformation/home?region=eu-west-1#/stacks/events?stackId=web';
  expect(document).toEqual({
    outcome: 'CANCELLED',
    failed: false,
    reason: 'it is DONE',
    exitCode: 0,
    displayName: 'stack web',
    deployment: DEPLOYMENT,
    deploymentId: 'abc',
    deploymentStatus: 'DONE',
    consoleUrl: url,
    attributes: { name: 'web' },
  });
  expect(sentenceOf(document)).toBe(`CANCELLED: it is DONE; see ${url}`);
  expect(sentenceOf({ ...document, consoleUrl: null })).toBe('CANCELLED: it is DONE');
});
