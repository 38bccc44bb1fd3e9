import { type Message, Sns } from '../../../emulator/aws/sns';

const TOPIC = 'arn:aws:sns:us-east-1:111122223333:orders';
const publish = (input: object) => ({ service: 'sns', operation: 'Publish', input: { ...input } });

test('a message to a topic is received as long as the topic exists', () => {
  const received: Message[] = [];
  const sns = new Sns((message) => void received.push(message));
  sns.create(TOPIC);
  expect(sns.call(publish({ TopicArn: TOPIC, Message: 'hello' }))).toEqual({ MessageId: expect.any(String) });
  sns.remove(TOPIC);
  expect(() => sns.call(publish({ TopicArn: TOPIC, Message: 'hello' }))).toThrow('Topic does not exist');
  expect(received).toEqual([{ topicArn: TOPIC, message: 'hello' }]);
});

test('an empty message and an unknown operation are rejected', () => {
  const sns = new Sns();
  sns.create(TOPIC);
  expect(() => sns.call(publish({ TopicArn: TOPIC, Message: '' }))).toThrow('Empty message');
  expect(() => sns.call({ ...publish({}), operation: 'Subscribe' })).toThrow('the emulated SNS has no Subscribe');
});

test('Publish needs its action on the topic', () => {
  expect(new Sns().iamRequests(publish({ TopicArn: TOPIC }))).toEqual([{ action: 'sns:Publish', resource: TOPIC }]);
});
