// npm start -- --scenario examples/eventbridge-target
import { App, Stack } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { CancelDeploymentTarget, EcsServiceDeployment } from '../lib/index';

/** EventBridge: an alarm cancels the deployment in flight. */
export const app = new App();

const stack = new Stack(app, 'CancelOnAlarm');
new Rule(stack, 'WebIsFailing', {
  eventPattern: {
    source: ['aws.cloudwatch'],
    detailType: ['CloudWatch Alarm State Change'],
    detail: { alarmName: ['web-errors'], state: { value: ['ALARM'] } },
  },
  targets: [
    new CancelDeploymentTarget({
      deployment: EcsServiceDeployment.fromServiceName({ clusterName: 'prod', serviceName: 'web' }),
      deadLetterQueue: new Queue(stack, 'NotCancelled'),
    }),
  ],
});
