import { App, CfnOutput, CfnParameter, CfnResource, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { SCENARIO_NAMES, type ScenarioName } from '../../../emulator/simulation/scenarios';
import {
  type DeploymentToCancel,
  type Scenario,
  type SimulationOptions,
  simulate,
} from '../../../emulator/testing/index';
import { DEPLOYMENT_KINDS } from '../../../lib/deployments/kinds';
import {
  CancelDeploymentTarget,
  CancelDeploymentTask,
  type CancellableDeployment,
  CancelOnRollback,
  CodeDeployDeployment,
  CodePipelineExecution,
  DeploymentCancellation,
  DeploymentFleet,
  EcsServiceDeployment,
  FleetCancellation,
  ProtonDeployment,
  ProtonFleet,
} from '../../../lib/index';

const ECS = EcsServiceDeployment.fromServiceName({ clusterName: 'shop', serviceName: 'checkout' });

/** A stack of an app of its own that cancels that deployment. */
function cancelling(deployment: CancellableDeployment, id = 'StopTheRelease'): Stack {
  const stack = new Stack(new App(), id);
  new DeploymentCancellation(stack, 'Cancel', { deployment });
  return stack;
}

describe('the deployments that a stack names', () => {
  test('are found in a state machine', async () => {
    const stack = new Stack(new App(), 'Machine');
    const cancel = new CancelDeploymentTask(stack, 'Cancel', { deployment: ECS });
    new StateMachine(stack, 'Mine', { definitionBody: DefinitionBody.fromChainable(cancel) });
    const operations = [{ operation: 'create' }, { operation: 'start', machine: 'Mine' }] as const;
    const { cancellations } = await simulate(stack, { operations });
    expect(cancellations).toEqual([expect.objectContaining({ kind: 'ecs-service-deployment', outcome: 'CANCELLED' })]);
    expect(cancellations[0]).not.toHaveProperty('path');
  });

  test('are found in a rule, which an event sets off', async () => {
    const stack = new Stack(new App(), 'OnAlarm');
    const rule = new Rule(stack, 'Alarm', { eventPattern: { source: ['mine'] } });
    rule.addTarget(new CancelDeploymentTarget({ deployment: ECS }));
    const event = { source: 'mine', 'detail-type': 'Alarm', detail: {} };
    const publish = { operation: 'publish', event } as const;
    const { cancellations } = await simulate(stack, { operations: [{ operation: 'create' }, publish] });
    expect(cancellations.map(({ outcome }) => outcome)).toEqual(['CANCELLED']);
  });

  test('are found with their options', async () => {
    const stack = new Stack(new App(), 'Abandoning');
    const rule = new Rule(stack, 'Alarm', { eventPattern: { source: ['mine'] } });
    const deployment = CodePipelineExecution.fromPipelineName('release', { abandon: true });
    rule.addTarget(new CancelDeploymentTarget({ deployment }));
    const publish = { operation: 'publish', event: { source: 'mine', 'detail-type': 'Alarm', detail: {} } } as const;
    const { cancellations } = await simulate(stack, { operations: [{ operation: 'create' }, publish] });
    expect(cancellations).toEqual([
      expect.objectContaining({
        kind: 'codepipeline-execution',
        identifiers: { pipelineName: 'release' },
        options: { abandon: true },
        outcome: 'CANCELLED',
      }),
    ]);
  });

  test('are found in a list, and those that a fleet finds can be told', async () => {
    const stack = new Stack(new App(), 'Fleets');
    const environment = ProtonDeployment.environment({ environmentName: 'prod' });
    new FleetCancellation(stack, 'List', { fleet: DeploymentFleet.fromDeployments([environment]) });
    const listed = await simulate(stack);
    expect(Object.values(listed.outputs)).toEqual(['1 deployment: 1 cancelled']);

    const found = new Stack(new App(), 'Found');
    new FleetCancellation(found, 'Web', { fleet: ProtonFleet.fromServiceName('web') });
    const deployments = ['web-eu', 'web-us'].map((serviceInstanceName): DeploymentToCancel => {
      return { kind: 'proton-service-instance', identifiers: { serviceName: 'web', serviceInstanceName } };
    });
    const { outputs } = await simulate(found, { deployments });
    expect(Object.values(outputs)).toEqual(['2 deployments: 2 cancelled']);
  });

  test('are found in a nested stack', async () => {
    const stack = new Stack(new App(), 'Outer');
    new DeploymentCancellation(new NestedStack(stack, 'Inner'), 'Cancel', { deployment: ECS });
    const { cancellations } = await simulate(stack);
    expect(cancellations).toEqual([expect.objectContaining({ path: 'Outer/Inner/Cancel', outcome: 'CANCELLED' })]);
  });

  test('may have names that are parameters with a value', async () => {
    const stack = new Stack(new App(), 'Told');
    const service = new CfnParameter(stack, 'Service').valueAsString;
    const deployment = EcsServiceDeployment.fromServiceName({ clusterName: 'shop', serviceName: service });
    new DeploymentCancellation(stack, 'Cancel', { deployment });
    const { cancellations } = await simulate(stack, { parameters: { Service: 'cart' } });
    expect(cancellations).toEqual([
      expect.objectContaining({ identifiers: { clusterName: 'shop', serviceName: 'cart' } }),
    ]);
  });

  test('have to be told where a name is known only when the stack is deployed', async () => {
    const stack = new Stack(new App(), 'Late');
    const queue = new CfnResource(stack, 'Queue', { type: 'AWS::SQS::Queue', properties: { QueueName: 'checkout' } });
    const deployment = EcsServiceDeployment.fromServiceName({
      clusterName: 'shop',
      serviceName: queue.getAtt('QueueName').toString(),
    });
    new DeploymentCancellation(stack, 'Cancel', { deployment });
    await expect(simulate(stack)).rejects.toThrow(
      /^serviceName of the ecs-service-deployment that Late\/Cancel cancels is known only when the stack is deployed: add deployments: /,
    );
    const identifiers = { clusterName: 'shop', serviceName: 'checkout' };
    const told = await simulate(stack, { deployments: [{ kind: 'ecs-service-deployment', identifiers }] });
    expect(told.cancellations).toEqual([expect.objectContaining({ identifiers, outcome: 'CANCELLED' })]);
  });

  test('cannot be addressed by an ID, which the emulator generates', async () => {
    const stack = cancelling(CodeDeployDeployment.fromDeploymentId('d-ABCDEF123'));
    await expect(simulate(stack)).rejects.toThrow(
      'the emulator generates the IDs of deployments, so there is no codedeploy-deployment with the deploymentId d-ABCDEF123; simulate it by its applicationName and deploymentGroupName',
    );
  });
});

describe('what does not matter', () => {
  function withBuckets(): Stack {
    const stack = cancelling(ECS);
    const [files, logs] = [new Bucket(stack, 'Files', { bucketName: 'files' }), new Bucket(stack, 'Logs')];
    const values = { Named: files.bucketName, Unnamed: logs.bucketName, Arn: logs.bucketArn };
    for (const [name, value] of Object.entries({ ...values, Domain: logs.bucketDomainName })) {
      new CfnOutput(stack, name, { value });
    }
    new CfnResource(stack, 'Policy', {
      type: 'AWS::S3::BucketPolicy',
      // Nobody could evaluate that.
      properties: { Bucket: files.bucketName, PolicyDocument: { 'Fn::Transform': {} } },
    });
    return stack;
  }
  const stubResourceTypes = ['AWS::S3::Bucket', 'AWS::S3::BucketPolicy'];

  test('has to be named: types that are not known are refused, all of them at once', async () => {
    await expect(simulate(withBuckets())).rejects.toThrow(
      /^the emulator does not have AWS::S3::Bucket \(StopTheRelease\/Files\), AWS::S3::BucketPolicy \(StopTheRelease\/Policy\): if they do not matter here, add stubResourceTypes: \['AWS::S3::Bucket', 'AWS::S3::BucketPolicy'\]$/,
    );
  });

  test('gets stand-ins, whose names and ARNs are those that are promised', async () => {
    const { stackStatus, outputs, stackEvents } = await simulate(withBuckets(), { stubResourceTypes });
    expect(stackStatus).toBe('CREATE_COMPLETE');
    const logs = stackEvents.find(({ logicalId }) => logicalId.startsWith('Logs'));
    expect(logs?.resourceType).toBe('AWS::S3::Bucket');
    expect(outputs).toMatchObject({
      Named: 'files',
      Unnamed: logs?.logicalId,
      Arn: `arn:aws:s3:us-east-1:123456789012:bucket/${logs?.logicalId}`,
      Domain: `${logs?.logicalId}-DomainName`,
    });
  });

  test('cannot be what the embedded cloud has itself', async () => {
    await expect(simulate(cancelling(ECS), { stubResourceTypes: ['AWS::IAM::Role'] })).rejects.toThrow(
      'the emulator has AWS::IAM::Role itself, so it cannot be a stub: remove it from stubResourceTypes',
    );
  });
});

describe('what is done', () => {
  /** A guard of a bucket, on behalf of which somebody starts a deployment after ten seconds. */
  function guarded(trigger: string): Stack {
    const stack = new Stack(new App(), 'Release');
    const release = new Bucket(stack, 'Release');
    new CancelOnRollback(stack, 'Guard', { deployment: ECS, trigger }).protect(release);
    return stack;
  }
  const guarding: SimulationOptions = { stubResourceTypes: ['AWS::S3::Bucket'], scenario: { startsAtSeconds: 10 } };

  test('can fail: the guard cancels what was started since', async () => {
    const report = await simulate(guarded('1'), { ...guarding, operations: [{ operation: 'create', fails: true }] });
    expect(report.stackStatus).toBe('ROLLBACK_COMPLETE');
    expect(report.cancellations.map(({ outcome }) => outcome)).toEqual(['ARMED', 'CANCELLED']);
    expect(report.statuses.map(({ status }) => status)).toEqual([
      'IN_PROGRESS',
      'ROLLBACK_REQUESTED',
      'ROLLBACK_SUCCESSFUL',
    ]);
  });

  test('can be an update to another version of the stack, and a deletion', async () => {
    const operations = [{ operation: 'create' }, { operation: 'update', to: guarded('2') }] as const;
    const updated = await simulate(guarded('1'), { ...guarding, operations });
    expect(updated.stackStatus).toBe('UPDATE_COMPLETE');
    expect(updated.cancellations.map(({ outcome }) => outcome)).toEqual(['ARMED', 'ARMED']);

    const failing = [operations[0], { ...operations[1], fails: true }, { operation: 'delete' }] as const;
    const { stackStatus, stackEvents, cancellations } = await simulate(guarded('1'), {
      ...guarding,
      operations: failing,
    });
    expect(stackStatus).toBe('DELETE_COMPLETE');
    expect(stackEvents.filter(({ logicalId }) => logicalId === 'Release').map(({ status }) => status)).toEqual(
      expect.arrayContaining(['CREATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'DELETE_COMPLETE']),
    );
    expect(cancellations.map(({ outcome }) => outcome)).toEqual(['ARMED', 'ARMED', 'CANCELLED']);
  });

  test('names its stacks, and a stack that is not there is refused', async () => {
    const operations = [{ operation: 'create', stack: 'Elsewhere' }] as const;
    await expect(simulate(cancelling(ECS), { operations })).rejects.toThrow(
      'there is no stack Elsewhere; there are StopTheRelease',
    );
    await expect(simulate(cancelling(ECS), { operations: [] })).rejects.toThrow(
      'operations must create a stack, before anything is started or published',
    );
  });
});

describe('what goes wrong', () => {
  test('with calls of a service is as often as was said', async () => {
    const fault = { kind: 'error', type: 'ThrottlingException' } as const;
    const { cancellations, calls } = await simulate(cancelling(ECS), {
      faults: [{ service: 'ecs', operation: 'StopServiceDeployment', from: 1, to: 3, fault }],
    });
    const stops = calls.filter(({ operation }) => operation === 'StopServiceDeployment').map(({ answer }) => answer);
    expect(stops).toEqual(['ThrottlingException', 'ThrottlingException', 'ThrottlingException', 'ok']);
    expect(cancellations[0]?.outcome).toBe('CANCELLED');
  });

  test.each([
    ['once', 1, 'CANCELLED'],
    ['always', undefined, 'ERROR'],
  ])('with a function of the workflow is there %s', async (_, to, outcome) => {
    const fault = { kind: 'crash', when: 'before' } as const;
    const { cancellations } = await simulate(cancelling(ECS), {
      functionFaults: [{ function: 'deployment', to, fault }],
    });
    expect(cancellations.map((cancellation) => cancellation.outcome)).toEqual([outcome]);
  });

  test('with a function is of that function, and of no other', async () => {
    const fault = { kind: 'throttle' } as const;
    const { cancellations } = await simulate(cancelling(ECS), {
      functionFaults: [{ function: 'cloudformation', to: 1, fault }],
    });
    expect(cancellations).toEqual([expect.objectContaining({ outcome: 'CANCELLED' })]);
    // Lambda delivers the request of CloudFormation again, after up to a second.
    expect(cancellations[0]?.startedAtSeconds).toBeGreaterThan(0.5);
    expect(cancellations[0]?.startedAtSeconds).toBeLessThanOrEqual(1);
  });
});

describe('what is rehearsed', () => {
  test('is in the account and the region that it names', async () => {
    const env = { account: '111122223333', region: 'eu-west-1' };
    const stack = new Stack(new App(), 'There', { env });
    new DeploymentCancellation(stack, 'Cancel', { deployment: ECS });
    new CfnOutput(stack, 'Id', { value: stack.stackId });
    const { outputs, cancellations } = await simulate(stack);
    expect(outputs.Id).toMatch(/^arn:aws:cloudformation:eu-west-1:111122223333:stack\/There\//);
    expect(cancellations[0]?.outcome).toBe('CANCELLED');

    const app = new App();
    for (const region of ['eu-west-1', 'us-west-2']) new Stack(app, region, { env: { ...env, region } });
    for (const child of app.node.children) new CfnResource(child as Stack, 'Topic', { type: 'AWS::SNS::Topic' });
    await expect(simulate(app)).rejects.toThrow(
      'a simulation has one region, but there is eu-west-1 in eu-west-1 and us-west-2 in us-west-2; simulate these stacks one after the other',
    );
  });

  /** Two stacks, of which one needs the other, and one that has nothing to do with them. */
  function three(app: Stage): Record<'platform' | 'team' | 'other', Stack> {
    const [platform, team, other] = ['Platform', 'Team', 'Other'].map((id) => new Stack(app, id)) as [
      Stack,
      Stack,
      Stack,
    ];
    for (const stack of [platform, team, other]) {
      new CfnResource(stack, 'Topic', { type: 'AWS::SNS::Topic', properties: { TopicName: stack.node.id } });
    }
    team.node.addDependency(platform);
    return { platform, team, other };
  }
  const created = async (what: Parameters<typeof simulate>[0]) => {
    const { stackEvents } = await simulate(what);
    const complete = stackEvents.filter(({ status }) => status === 'CREATE_COMPLETE');
    return complete.filter(({ resourceType }) => resourceType === 'AWS::CloudFormation::Stack').map(named);
  };
  const named = ({ logicalId }: { readonly logicalId: string }) => logicalId;

  test('is all of an app, or a stack with those it depends on, or what was synthesised before', async () => {
    const app = new App();
    const { team } = three(app);
    expect(await created(team)).toEqual(['Platform', 'Team']);
    expect((await created(app)).sort()).toEqual(['Other', 'Platform', 'Team']);
    expect((await created(app.synth().directory)).sort()).toEqual(['Other', 'Platform', 'Team']);
  });

  test('is one stage of an app that holds stages', async () => {
    const app = new App();
    const stage = new Stage(app, 'Prod');
    const { other } = three(stage);
    expect(await created(other)).toEqual(['Prod-Other']);
    await expect(simulate(app)).rejects.toThrow(
      /^there is no stack with resources to simulate in .*; simulate one of its stages, Prod$/,
    );
  });

  test('is nothing that cannot be deployed', async () => {
    await expect(simulate(__dirname)).rejects.toThrow(
      `${__dirname} is not the directory of a cloud assembly: it has no manifest.json; cdk synth creates it`,
    );
    const outer = cancelling(ECS);
    const inner = new NestedStack(outer, 'Inner');
    new CfnResource(inner, 'Topic', { type: 'AWS::SNS::Topic' });
    await expect(simulate(inner)).rejects.toThrow(
      'StopTheRelease/Inner is not deployed by itself; simulate the stack that it is nested in',
    );
  });

  test('is the same when two are rehearsed at the same time', async () => {
    const outcomes = await Promise.all(
      (['cancelled', 'finishes-first'] as const).map(async (scenario) => {
        const { cancellations } = await simulate(cancelling(ECS), { scenario });
        return cancellations.map(({ outcome }) => outcome);
      }),
    );
    expect(outcomes).toEqual([['CANCELLED'], ['COMPLETED_FIRST']]);
  });

  test.each<[string, SimulationOptions]>([
    ['succeeds', {}],
    ['is refused when the cloud is up', { stubResourceTypes: ['AWS::IAM::Role'] }],
    ['comes to an error half-way', { operations: [{ operation: 'create' }, { operation: 'start', machine: 'None' }] }],
  ])('leaves nothing behind that listens or runs when it %s', async (_, options) => {
    const running = () => process.getActiveResourcesInfo().filter((name) => /Server|MessagePort|Worker/.test(name));
    await simulate(cancelling(ECS), options).catch(() => undefined);
    // What is closed is in the list until the next turn.
    for (let turn = 0; turn < 100 && running().length > 0; turn++) await new Promise(setImmediate);
    expect(running()).toEqual([]);
  });
});

test('the public names are those of the scenarios and of the kinds, and no others', async () => {
  // The compiler holds them against each other.
  const scenarios: readonly Scenario[] = SCENARIO_NAMES;
  const kinds: readonly DeploymentToCancel['kind'][] = DEPLOYMENT_KINDS;
  const back = (
    scenario: Scenario,
    kind: DeploymentToCancel['kind'],
  ): [ScenarioName, (typeof DEPLOYMENT_KINDS)[number]] => [scenario, kind];
  expect(scenarios.flatMap((name) => kinds.map((kind) => back(name, kind)))).toHaveLength(
    scenarios.length * kinds.length,
  );
  const unknown = { scenario: 'sometimes' as Scenario };
  await expect(simulate(cancelling(ECS), unknown)).rejects.toThrow(
    /^there is no scenario 'sometimes'; there are cancelled, /,
  );
});
