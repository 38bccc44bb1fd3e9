import { CloudFormationFixture, custom } from './cloudformation-fixture';

const weak = (StackName: string, OutputName: string) => ({ 'Fn::GetStackOutput': { StackName, OutputName } });
const consumer = (value: unknown) => ({ Resources: { A: custom({ V: value }) } });

async function withProducer(): Promise<CloudFormationFixture> {
  const fixture = new CloudFormationFixture();
  const template = { Resources: { A: custom() }, Outputs: { Queue: { Value: 'orders' } } };
  await fixture.cloudFormation.createStack({ stackName: 'producer', template });
  return fixture;
}

test('a weak reference has the value of the output of the other stack', async () => {
  const fixture = await withProducer();
  await fixture.cloudFormation.createStack({ stackName: 'consumer', template: consumer(weak('producer', 'Queue')) });
  expect(fixture.seen.at(-1)?.event.ResourceProperties.V).toBe('orders');
});

test('a weak reference does not keep the other stack from being deleted', async () => {
  const fixture = await withProducer();
  await fixture.cloudFormation.createStack({ stackName: 'consumer', template: consumer(weak('producer', 'Queue')) });
  expect(await fixture.cloudFormation.deleteStack('producer')).toMatchObject({ status: 'DELETE_COMPLETE' });
});

test.each([
  ['a stack that does not exist', weak('nobody', 'Queue'), 'Stack [nobody] does not exist'],
  ['an output that does not exist', weak('producer', 'Topic'), 'Stack [producer] has no output Topic'],
])('a weak reference to %s fails the resource', async (_what, value, reason) => {
  const fixture = await withProducer();
  const { status } = await fixture.cloudFormation.createStack({ stackName: 'consumer', template: consumer(value) });
  expect(status).toBe('ROLLBACK_COMPLETE');
  expect(fixture.reasonOf('A', 'CREATE_FAILED')).toBe(reason);
});
