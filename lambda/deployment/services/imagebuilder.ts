import { createHash } from 'node:crypto';
import {
  CancelImageCreationCommand,
  GetImageCommand,
  ImagebuilderClient,
  type ImageState,
  type ImageStatus,
  ListImagePipelineImagesCommand,
} from '@aws-sdk/client-imagebuilder';
import {
  IMAGEBUILDER_CANCEL_ACTION,
  IMAGEBUILDER_LIST_ACTION,
  IMAGEBUILDER_READ_ACTION,
  imagePath,
  imagePipelinePath,
} from '../../../lib/deployments/imagebuilder/kinds';
import type { DeploymentRecord } from './deployment-record';
import { polledService } from './polled-driver';
import type { Statuses } from './statuses';

export const STATUSES: Statuses<ImageStatus> = {
  PENDING: 'IN_PROGRESS',
  CREATING: 'IN_PROGRESS',
  BUILDING: 'IN_PROGRESS',
  TESTING: 'IN_PROGRESS',
  DISTRIBUTING: 'IN_PROGRESS',
  INTEGRATING: 'IN_PROGRESS',
  CANCELLED: 'CANCELLED',
  AVAILABLE: 'COMPLETED',
  // These were available before.
  DEPRECATED: 'COMPLETED',
  DISABLED: 'COMPLETED',
  FAILED: 'FAILED',
  DELETED: 'DELETION_OVER',
};

/** The largest page of this list. */
const PAGE_SIZE = 25;

/** The longest token. */
const TOKEN_LENGTH = 36;

export const service = polledService({
  Client: ImagebuilderClient,
  name: 'ec2 image builder',
  statuses: STATUSES,
  idPattern: /^[a-z0-9_-]+\/[\d.]+\/\d+$/,
  errors: {
    ResourceNotFoundException: 'not-found',
    ForbiddenException: 'denied',
    CallRateLimitExceededException: 'throttled',
    ResourceInUseException: 'conflict',
  },
  operations({ identifiers: { imageBuild, imagePipelineName } }, aws) {
    const imagePipelineArn = aws.arn('imagebuilder', imagePipelinePath(imagePipelineName));
    const arnOf = (id: string) => aws.arn('imagebuilder', imagePath(id));

    function record(arn = '', state: ImageState = {}, created?: string): DeploymentRecord {
      const id = arn.slice(arn.indexOf('/') + 1);
      const startedAt = created === undefined ? undefined : new Date(created);
      return { id, status: state.status, startedAt, statusMessage: state.reason, attributes: { arn } };
    }

    return {
      specifiedId: imageBuild,
      async list(request, nextToken) {
        const command = new ListImagePipelineImagesCommand({ imagePipelineArn, maxResults: PAGE_SIZE, nextToken });
        const response = await request(IMAGEBUILDER_LIST_ACTION, imagePipelineArn, command);
        const items = response.imageSummaryList?.map(({ arn, state, dateCreated }) => record(arn, state, dateCreated));
        return { items, nextToken: response.nextToken };
      },
      async get(request, id) {
        const command = new GetImageCommand({ imageBuildVersionArn: arnOf(id) });
        const { image } = await request(IMAGEBUILDER_READ_ACTION, arnOf(id), command);
        return record(image?.arn, image?.state, image?.dateCreated);
      },
      async stop(request, id) {
        const imageBuildVersionArn = arnOf(id);
        // A repeated request is the same request.
        const clientToken = createHash('sha256').update(imageBuildVersionArn).digest('hex').slice(0, TOKEN_LENGTH);
        const command = new CancelImageCreationCommand({ imageBuildVersionArn, clientToken });
        const response = await request(IMAGEBUILDER_CANCEL_ACTION, imageBuildVersionArn, command);
        // The response has no status, and an image keeps its own until it is cancelled.
        return { ...record(response.imageBuildVersionArn, { status: 'CREATING' }), phase: 'CANCELLING' };
      },
    };
  },
});
