import { type ServiceCall, ServiceError } from '../core/http-server';
import type { IamRequest } from './iam';

/** A message that was published to a topic. */
export interface Message {
  readonly topicArn: string;
  readonly message: string;
}

/** SNS, limited to topics and their messages. */
export class Sns {
  private readonly topics = new Set<string>();
  private published = 0;

  /** @param onMessage called for the messages of every topic */
  constructor(private readonly onMessage: (message: Message) => void = () => undefined) {}

  create(topicArn: string): void {
    this.topics.add(topicArn);
  }

  remove(topicArn: string): void {
    this.topics.delete(topicArn);
  }

  call({ operation, input }: ServiceCall): object {
    if (operation !== 'Publish') throw new ServiceError('InvalidAction', `the emulated SNS has no ${operation}`);
    const { TopicArn, Message: message } = input;
    if (typeof message !== 'string' || message === '') throw new ServiceError('InvalidParameter', 'Empty message');
    if (typeof TopicArn !== 'string' || !this.topics.has(TopicArn)) {
      throw new ServiceError('NotFound', 'Topic does not exist', 404);
    }
    this.onMessage({ topicArn: TopicArn, message });
    return { MessageId: `message-${++this.published}` };
  }

  /** The permissions that a call needs. */
  iamRequests({ operation, input }: ServiceCall): IamRequest[] {
    return [{ action: `sns:${operation}`, resource: String(input.TopicArn) }];
  }
}
