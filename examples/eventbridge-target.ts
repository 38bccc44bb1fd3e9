// npm start -- --scenario examples/eventbridge-target
import { App, Stack } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { CancelDeploymentTarget, ProtonDeployment } from '../lib/index';

/** EventBridge: an alarm cancels the deployment in flight. */
export const app = new App();

const stack = new Stack(app, 'CancelOnAlarm');
new Rule(stack, 'WebProdIsFailing', {
  eventPattern: {
    source: ['aws.cloudwatch'],
    detailType: ['CloudWatch Alarm State Change'],
    detail: { alarmName: ['web-prod-errors'], state: { value: ['ALARM'] } },
  },
  targets: [
    new CancelDeploymentTarget({
      deployment: ProtonDeployment.serviceInstance({ serviceName: 'web', serviceInstanceName: 'web-prod' }),
      deadLetterQueue: new Queue(stack, 'NotCancelled'),
    }),
  ],
});
