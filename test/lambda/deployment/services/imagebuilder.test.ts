import { ImageStatus } from '@aws-sdk/client-imagebuilder';
import { restProtocol } from '../../../../emulator/core/protocols';
import { STATUSES, service } from '../../../../lambda/deployment/services/imagebuilder';
import type { Deployment } from '../../../../lib/contract/cancellation';
import { testDriver } from './driver-tests';

const ARN = 'arn:aws-cn:imagebuilder:cn-north-1:111122223333';
const X = 'recipe/1.0.0/1';
const Y = 'recipe/1.0.0/2';
const arnOf = (id: string) => `${ARN}:image/${id}`;
const BY_NAME: Deployment = { kind: 'imagebuilder-image', identifiers: { imagePipelineName: 'golden' } };
const ONE: Deployment = { kind: 'imagebuilder-image', identifiers: { imageBuild: X } };
const CREATED = '2027-01-01T10:00:00.000Z';

interface Changes {
  readonly id?: string;
  readonly status?: string;
  readonly message?: string;
}

const image = ({ id, status, message }: Changes, dateCreated: string | undefined = CREATED) => ({
  arn: id === undefined ? undefined : arnOf(id),
  state: { status, reason: message },
  dateCreated,
  tags: { password: 'hunter3' },
});

const { fake, driver, calls, invoke } = testDriver({
  name: 'imagebuilder',
  protocol: restProtocol({
    routes: {
      ListImagePipelineImages: 'POST /ListImagePipelineImages',
      GetImage: 'GET /GetImage',
      CancelImageCreation: 'PUT /CancelImageCreation',
    },
  }),
  service,
  deployment: BY_NAME,
  table: STATUSES,
  statuses: ImageStatus,
  phases: {
    PENDING: 'IN_PROGRESS',
    CREATING: 'IN_PROGRESS',
    BUILDING: 'IN_PROGRESS',
    TESTING: 'IN_PROGRESS',
    DISTRIBUTING: 'IN_PROGRESS',
    INTEGRATING: 'IN_PROGRESS',
    CANCELLED: 'CANCELLED',
    AVAILABLE: 'COMPLETED',
    DEPRECATED: 'COMPLETED',
    DISABLED: 'COMPLETED',
    FAILED: 'FAILED',
    DELETED: 'DELETION_OVER',
  },
  found: {
    kind: 'found',
    phase: 'IN_PROGRESS',
    deploymentStatus: 'BUILDING',
    deploymentId: X,
    attributes: { arn: arnOf(X) },
  },
  otherId: Y,
  stopping: 'CREATING',
  stoppingPhase: 'CANCELLING',
  find: {
    operation: 'ListImagePipelineImages',
    arn: `${ARN}:image-pipeline/golden`,
    input: { imagePipelineArn: `${ARN}:image-pipeline/golden`, maxResults: 25 },
    startedAt: Date.parse(CREATED),
    response: (changes) => ({ imageSummaryList: [image(changes)] }),
  },
  get: {
    operation: 'GetImage',
    arn: arnOf(X),
    input: { imageBuildVersionArn: arnOf(X) },
    startedAt: Date.parse(CREATED),
    response: (changes) => ({ image: image(changes) }),
  },
  stop: {
    operation: 'CancelImageCreation',
    arn: arnOf(X),
    input: { imageBuildVersionArn: arnOf(X), clientToken: expect.stringMatching(/^[0-9a-f]{36}$/) },
    response: ({ id }) => ({ imageBuildVersionArn: id === undefined ? undefined : arnOf(id) }),
  },
  errors: {
    ForbiddenException: 'denied',
    CallRateLimitExceededException: 'throttled',
    ResourceInUseException: 'conflict',
    InvalidRequestException: 'rejected',
  },
  notFound: 'ResourceNotFoundException',
  partialResponse: { imageSummaryList: [{}] },
});

test('a repeated cancellation is the same request', async () => {
  fake.respond = () => calls.stop.response();
  const tokens: unknown[] = [];
  for (let attempt = 0; attempt < 2; attempt++) {
    await invoke(calls.stop);
    tokens.push(fake.calls[0]?.input.clientToken);
  }
  expect(tokens[0]).toBe(tokens[1]);
});

test('the newest build in flight is found in any order of the list', async () => {
  const older = image({ id: X, status: 'BUILDING' });
  const newer = image({ id: Y, status: 'TESTING' }, '2027-01-01T11:00:00Z');
  fake.respond = () => ({ imageSummaryList: [older, newer] });
  expect(await driver().describe(undefined)).toMatchObject({ deploymentId: Y });
  fake.respond = () => ({ imageSummaryList: [] });
  expect(await driver().describe(undefined)).toEqual({ kind: 'never-deployed' });
});

test('a specified build is read by its ARN', async () => {
  fake.respond = () => ({ image: image({ id: X, status: 'PENDING' }) });
  expect(await driver({ deployment: ONE }).describe(undefined)).toMatchObject({ deploymentId: X, isSpecified: true });
});
