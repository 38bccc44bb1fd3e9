import * as cdk from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { acknowledge, acknowledgeWildcards } from '../../../lib/private/acknowledgements';

/** A version of the CDK, by what its acknowledgements do with the ID of a rule. */
const withCdk = { acknowledge: undefined as ((rule: { readonly id: string }) => void) | undefined };

jest.mock('aws-cdk-lib', () => {
  const Validations = () => withCdk.acknowledge && { of: () => ({ acknowledge: withCdk.acknowledge }) };
  return new Proxy(jest.requireActual('aws-cdk-lib'), {
    get: (actual, name) => (name === 'Validations' ? Validations() : Reflect.get(actual, name)),
  });
});

const NAMED = new PolicyStatement({ actions: ['states:StopExecution'], resources: ['arn:aws:states:*'] });
const QUALIFIED = new PolicyStatement({ actions: ['logs:PutLogEvents'], resources: ['arn:aws:logs:::*'] });

const stack = () => new cdk.Stack(new cdk.App(), 'Web');

test('acknowledges nothing with a CDK that has no acknowledgements', () => {
  withCdk.acknowledge = undefined;
  expect((cdk as object as { readonly Validations?: object }).Validations).toBeUndefined();
  const scope = stack();
  acknowledge(scope, 'synchronous');
  acknowledgeWildcards(scope, [NAMED, QUALIFIED], 'The names are unknown.');
  const types = scope.node.metadata.map(({ type }) => type).filter((type) => type !== 'aws:cdk:creationStack');
  expect(types).toEqual([]);
});

test('acknowledges what it can with a CDK that rejects IDs with two colons', () => {
  const ids: string[] = [];
  withCdk.acknowledge = ({ id }) => {
    if (/\[Resource::/.test(id)) throw new Error('the ID must not contain ::');
    ids.push(id);
  };
  const scope = stack();
  acknowledge(scope, 'synchronous', 'noResourceType', 'functionNotTraced');
  acknowledgeWildcards(scope, [QUALIFIED], 'The names are unknown.');
  expect(ids).toEqual(['Serverless-LambdaDLQ', 'Serverless-LambdaTracing']);
});

test('does not hide another error of an acknowledgement', () => {
  withCdk.acknowledge = () => {
    throw new Error('the reason must not be empty');
  };
  expect(() => acknowledge(stack(), 'synchronous')).toThrow('the reason must not be empty');
});
