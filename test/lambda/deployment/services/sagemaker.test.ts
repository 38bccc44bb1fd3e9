import { PipelineExecutionStatus } from '@aws-sdk/client-sagemaker';
import { ServiceError } from '../../../../emulator/core/http-server';
import { jsonProtocol } from '../../../../emulator/core/protocols';
import { STATUSES, service } from '../../../../lambda/deployment/services/sagemaker';
import type { Deployment } from '../../../../lib/contract/cancellation';
import { testDriver } from './driver-tests';

const ARN = 'arn:aws-cn:sagemaker:cn-north-1:111122223333:pipeline';
const PIPELINE = `${ARN}/train`;
const X = 'abcdefghij01';
const Y = 'abcdefghij02';
const arnOf = (id: string) => `${PIPELINE}/execution/${id}`;
const BY_NAME: Deployment = { kind: 'sagemaker-pipeline-execution', identifiers: { pipelineName: 'train' } };
const MIXED: Deployment = { ...BY_NAME, identifiers: { pipelineName: 'TrainModel' } };
const STARTED = 1_790_000_000.5;

interface Changes {
  readonly id?: string;
  readonly status?: string;
  readonly message?: string;
}

const arnIn = ({ id }: Changes) => (id === undefined ? undefined : arnOf(id));

const { fake, driver } = testDriver({
  name: 'sagemaker',
  protocol: jsonProtocol('SageMaker', '1.1'),
  service,
  deployment: BY_NAME,
  table: STATUSES,
  statuses: PipelineExecutionStatus,
  phases: {
    Executing: 'IN_PROGRESS',
    Stopping: 'CANCELLING',
    Stopped: 'CANCELLED',
    Succeeded: 'COMPLETED',
    Failed: 'FAILED',
  },
  found: {
    kind: 'found',
    phase: 'IN_PROGRESS',
    deploymentStatus: 'Executing',
    deploymentId: X,
    attributes: { arn: arnOf(X), name: 'train' },
  },
  otherId: Y,
  stopping: 'Stopping',
  find: {
    operation: 'ListPipelineExecutions',
    arn: PIPELINE,
    input: { PipelineName: 'train', SortBy: 'CreationTime', SortOrder: 'Descending', MaxResults: 100 },
    startedAt: STARTED * 1000,
    response: (changes) => ({
      PipelineExecutionSummaries: [
        {
          PipelineExecutionArn: arnIn(changes),
          PipelineExecutionStatus: changes.status,
          StartTime: STARTED,
          PipelineExecutionFailureReason: changes.message,
        },
      ],
    }),
  },
  get: {
    operation: 'DescribePipelineExecution',
    arn: arnOf(X),
    input: { PipelineExecutionArn: arnOf(X) },
    startedAt: STARTED * 1000,
    response: (changes) => ({
      PipelineExecutionArn: arnIn(changes),
      PipelineExecutionStatus: changes.status,
      CreationTime: STARTED,
      FailureReason: changes.message,
      CreatedBy: { UserProfileName: 'hunter3' },
    }),
  },
  stop: {
    operation: 'StopPipelineExecution',
    arn: arnOf(X),
    input: { PipelineExecutionArn: arnOf(X), ClientRequestToken: `cdk-deployment-cancellation-stop-${X}` },
    response: (changes) => ({ PipelineExecutionArn: arnIn(changes) }),
  },
  errors: { ConflictException: 'conflict', ValidationException: 'rejected' },
  notFound: 'ResourceNotFound',
  partialResponse: { PipelineExecutionSummaries: [{}] },
});

describe('a pipeline with capital letters', () => {
  const execution = (name: string) => ({
    PipelineExecutionArn: `${ARN}/${name}/execution/${X}`,
    PipelineExecutionStatus: 'Executing',
  });
  const requested = () => fake.calls.map(({ input }) => input.PipelineExecutionArn);

  test.each(['TrainModel', 'trainmodel'])(
    'is read and stopped with the ARN that SageMaker has written: %s',
    async (name) => {
      const { PipelineExecutionArn } = execution(name);
      fake.respond = ({ operation, input }) => {
        if (operation === 'ListPipelineExecutions') return { PipelineExecutionSummaries: [execution(name)] };
        if (input.PipelineExecutionArn !== PipelineExecutionArn) throw new ServiceError('ResourceNotFound', 'none');
        return execution(name);
      };
      const one = driver({ deployment: MIXED });
      expect(await one.describe(undefined)).toMatchObject({ deploymentId: X });
      expect(await one.describe(X)).toMatchObject({ deploymentId: X });
      expect(await one.cancel(X)).toMatchObject({ deploymentStatus: 'Stopping' });
      expect(requested()).toEqual([undefined, PipelineExecutionArn, PipelineExecutionArn]);

      fake.calls = [];
      const later = driver({ deployment: MIXED });
      expect(await later.describe(X)).toMatchObject({ deploymentId: X });
      expect(await later.cancel(X)).toMatchObject({ deploymentStatus: 'Stopping' });
      expect(requested().at(-1)).toBe(PipelineExecutionArn);
    },
  );

  test('is not found if both ARNs are not', async () => {
    fake.fault = () => ({ kind: 'error', type: 'ResourceNotFound' });
    expect(await driver({ deployment: MIXED }).describe(X)).toMatchObject({ kind: 'not-found' });
    expect(fake.calls).toHaveLength(2);
  });
});

test('a response about another pipeline is invalid', async () => {
  fake.respond = () => ({ PipelineExecutionArn: `${ARN}/other/execution/${X}`, PipelineExecutionStatus: 'Executing' });
  expect(await driver().describe(X)).toMatchObject({ errorType: 'unreachable' });
  expect(await driver().cancel(X)).toMatchObject({ errorType: 'unreachable' });
});
