import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { LambdaRestApi } from 'aws-cdk-lib/aws-apigateway';
import { AutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { PipelineProject } from 'aws-cdk-lib/aws-codebuild';
import { Artifact, Pipeline as CodePipeline } from 'aws-cdk-lib/aws-codepipeline';
import { CodeBuildAction, S3SourceAction } from 'aws-cdk-lib/aws-codepipeline-actions';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { AttributeType, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { AmazonLinuxImage, InstanceType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { ApplicationLoadBalancedFargateService, QueueProcessingFargateService } from 'aws-cdk-lib/aws-ecs-patterns';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { Code, Function as LambdaFunction, Runtime, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource, SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Credentials, DatabaseInstance, DatabaseInstanceEngine, PostgresEngineVersion } from 'aws-cdk-lib/aws-rds';
import { Bucket, EventType } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { LambdaDestination } from 'aws-cdk-lib/aws-s3-notifications';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { DefinitionBody, Pass, StateMachine, Wait, WaitTime } from 'aws-cdk-lib/aws-stepfunctions';
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { simulate } from '../../../emulator/testing/index';
import {
  CancelOnRollback,
  DeploymentCancellation,
  DeploymentFleet,
  EcsServiceDeployment,
  FleetCancellation,
} from '../../../lib/index';

function nodeFunction(stack: Stack, id: string): LambdaFunction {
  const code = Code.fromInline('exports.handler = async () => ({ statusCode: 200 });');
  return new LambdaFunction(stack, id, { runtime: Runtime.NODEJS_22_X, handler: 'index.handler', code });
}

/** Apps with the shape of well-known public examples. */
const APPS: Readonly<Record<string, (stack: Stack) => void>> = {
  'a Fargate service behind a load balancer': (stack) => {
    const taskImageOptions = { image: ContainerImage.fromRegistry('amazon/amazon-ecs-sample') };
    const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc') });
    const service = new ApplicationLoadBalancedFargateService(stack, 'Web', { cluster, taskImageOptions });
    service.service
      .autoScaleTaskCount({ maxCapacity: 4 })
      .scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 50 });
  },
  'a worker that processes a queue': (stack) => {
    const image = ContainerImage.fromRegistry('amazon/amazon-ecs-sample');
    new QueueProcessingFargateService(stack, 'Worker', { image, vpc: new Vpc(stack, 'Vpc') });
  },
  'an API with a table': (stack) => {
    const table = new Table(stack, 'Items', { partitionKey: { name: 'id', type: AttributeType.STRING } });
    const handler = nodeFunction(stack, 'Handler');
    table.grantReadWriteData(handler);
    new LambdaRestApi(stack, 'Api', { handler });
  },
  'a static site': (stack) => {
    const bucket = new Bucket(stack, 'Site', { autoDeleteObjects: true, removalPolicy: RemovalPolicy.DESTROY });
    const origin = S3BucketOrigin.withOriginAccessControl(bucket);
    const distribution = new Distribution(stack, 'Cdn', { defaultBehavior: { origin } });
    const sources = [Source.data('index.html', '<h1>Hello</h1>')];
    new BucketDeployment(stack, 'Deploy', { sources, destinationBucket: bucket, distribution });
  },
  'a pipeline': (stack) => {
    const [bucket, output] = [new Bucket(stack, 'Source'), new Artifact()];
    const source = new S3SourceAction({ actionName: 'Source', bucket, bucketKey: 'app.zip', output });
    const build = new CodeBuildAction({
      actionName: 'Build',
      input: output,
      project: new PipelineProject(stack, 'Build'),
    });
    new CodePipeline(stack, 'Pipeline', {
      stages: [
        { stageName: 'Source', actions: [source] },
        { stageName: 'Build', actions: [build] },
      ],
    });
  },
  'a thumbnail service': (stack) => {
    const onUpload = new LambdaDestination(nodeFunction(stack, 'Resizer'));
    new Bucket(stack, 'Images').addEventNotification(EventType.OBJECT_CREATED, onUpload);
  },
  'a fan-out to queues': (stack) => {
    const topic = new Topic(stack, 'Orders');
    const deadLetterQueue = { queue: new Queue(stack, 'Failed'), maxReceiveCount: 3 };
    for (const name of ['Billing', 'Shipping']) {
      const queue = new Queue(stack, name, { deadLetterQueue });
      topic.addSubscription(new SqsSubscription(queue));
      nodeFunction(stack, `On${name}`).addEventSource(new SqsEventSource(queue));
    }
  },
  'a scheduled state machine with a stream': (stack) => {
    const wait = new Wait(stack, 'Wait', { time: WaitTime.duration(Duration.minutes(5)) });
    new StateMachine(stack, 'Jobs', {
      definitionBody: DefinitionBody.fromChainable(wait.next(new Pass(stack, 'Done'))),
    });
    const partitionKey = { name: 'id', type: AttributeType.STRING };
    const table = new Table(stack, 'Jobs-Table', { partitionKey, stream: StreamViewType.NEW_IMAGE });
    const onChange = nodeFunction(stack, 'OnChange');
    onChange.addEventSource(new DynamoEventSource(table, { startingPosition: StartingPosition.LATEST }));
    new Rule(stack, 'Nightly', { schedule: Schedule.rate(Duration.days(1)), targets: [new LambdaTarget(onChange)] });
  },
  'servers with a database': (stack) => {
    const vpc = new Vpc(stack, 'Vpc', { restrictDefaultSecurityGroup: true });
    const engine = DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_16 });
    const database = new DatabaseInstance(stack, 'Database', {
      vpc,
      engine,
      credentials: Credentials.fromGeneratedSecret('admin1'),
    });
    const [instanceType, machineImage] = [new InstanceType('t3.micro'), new AmazonLinuxImage()];
    const servers = new AutoScalingGroup(stack, 'Servers', { vpc, instanceType, machineImage });
    database.connections.allowDefaultPortFrom(servers);
  },
  'users, and a call of an AWS service': (stack) => {
    const pool = new UserPool(stack, 'Users');
    pool.addClient('Web');
    new AwsCustomResource(stack, 'Seed', {
      onCreate: {
        service: 'DynamoDB',
        action: 'putItem',
        parameters: { TableName: 'seeds', Item: { pool: { S: pool.userPoolId } } },
        physicalResourceId: PhysicalResourceId.of('seed'),
      },
      policy: AwsCustomResourcePolicy.fromSdkCalls({ resources: AwsCustomResourcePolicy.ANY_RESOURCE }),
    });
  },
};

test.each(Object.entries(APPS))('%s is simulated with a cancellation, a guard and a fleet', async (_name, add) => {
  const stack = new Stack(new App(), 'App');
  add(stack);
  const deployment = (serviceName: string) =>
    EcsServiceDeployment.fromServiceName({ clusterName: 'shop', serviceName });
  new DeploymentCancellation(stack, 'Cancel', { deployment: deployment('checkout') });
  new CancelOnRollback(stack, 'Guard', { deployment: deployment('cart'), trigger: '1' });
  const fleet = DeploymentFleet.fromDeployments([deployment('search'), deployment('stock')]);
  new FleetCancellation(stack, 'Fleet', { fleet });
  const { stackStatus, statusReason, cancellations } = await simulate(stack, {
    stubResourceTypes: ['*', 'Custom::AWS'],
    stubFunctions: ['*'],
    parameters: { '/aws/service/ami-amazon-linux-latest/amzn-ami-hvm-x86_64-gp2': 'ami-1' },
  });
  expect({ stackStatus, statusReason }).toEqual({ stackStatus: 'CREATE_COMPLETE', statusReason: undefined });
  const outcomes = cancellations.map(({ kind, outcome }) => `${kind} ${outcome}`);
  expect(outcomes).toContain('ecs-service-deployment CANCELLED');
  expect(outcomes).toContain('ecs-service-deployment ARMED');
});
