import type * as api from '@aws-sdk/client-imagebuilder';
import { arnOf } from '../../core/environment';
import { ServiceError } from '../../core/http-server';
import type { Operation } from '../../core/json-api';
import type { Input } from '../../core/json-input';
import { restProtocol } from '../../core/protocols';
import type { ListedDeployment, SimulatedDeployments } from '../../core/simulated-deployments';
import { defineSimulation, pageOf } from '../../simulation/define-simulation';

type Status = api.ImageStatus;
type Pipelines = SimulatedDeployments<Status>;

const onImage = (answer: Operation<Pipelines>['answer']): Operation<Pipelines> => ({
  answer,
  resources: (_, input) => [pathIn(input, 'imageBuildVersionArn')],
});

/** EC2 Image Builder, limited to the images of pipelines. It has no status of an image that is being cancelled. */
export const simulation = defineSimulation<Status>({
  service: 'imagebuilder',
  title: 'EC2 Image Builder',
  protocol: restProtocol({
    routes: {
      ListImagePipelineImages: 'POST /ListImagePipelineImages',
      GetImage: 'GET /GetImage',
      CancelImageCreation: 'PUT /CancelImageCreation',
    },
  }),
  statuses: {
    started: 'BUILDING',
    cancellable: ['BUILDING'],
    cancelled: 'CANCELLED',
    failed: 'FAILED',
    succeeded: 'AVAILABLE',
    terminal: ['AVAILABLE', 'FAILED', 'CANCELLED', 'DELETED'],
  },
  errors: { notFound: 'ResourceNotFoundException', notInProgress: 'InvalidRequestException' },
  refusals: { OVER: 'InvalidRequestException', INVALID: 'InvalidRequestException' },
  newId: (count) => `recipe/1.0.0/${count}`,
  pathOf: ({ imagePipelineName = '' }) => imagePipelineName,
  operations: {
    ListImagePipelineImages: {
      answer: listImages,
      resources: (_, input) => [pathIn(input, 'imagePipelineArn')],
    },
    GetImage: onImage(
      (pipelines, input): api.GetImageResponse => ({ image: image(pipelines, find(pipelines, input)) }),
    ),
    CancelImageCreation: onImage((pipelines, input): api.CancelImageCreationResponse => {
      const { id, resource } = find(pipelines, input);
      pipelines.cancel(resource.path, id);
      return { imageBuildVersionArn: String(input.imageBuildVersionArn) };
    }),
  },
});

function listImages(pipelines: Pipelines, input: Input): api.ListImagePipelineImagesResponse {
  const [, name = ''] = pathIn(input, 'imagePipelineArn').split('/');
  const { page, next } = pageOf(pipelines.newestFirst(name), input, { size: 'maxResults', token: 'nextToken' });
  return { imageSummaryList: page.map((build) => image(pipelines, build)), nextToken: next };
}

function image({ environment }: Pipelines, { id, status, message, createdAt }: ListedDeployment<Status>) {
  return {
    arn: arnOf(environment, 'imagebuilder', `image/${id}`),
    name: 'recipe',
    state: { status, reason: message },
    dateCreated: new Date(createdAt).toISOString(),
  };
}

function find(pipelines: Pipelines, input: Input): ListedDeployment<Status> {
  const path = pathIn(input, 'imageBuildVersionArn');
  const found = pipelines.find(path.slice(path.indexOf('/') + 1));
  if (found) return found;
  throw new ServiceError('ResourceNotFoundException', `${path} does not exist`, 404);
}

/** The end of an ARN. */
function pathIn(input: Input, member: string): string {
  const path = String(input[member]).split(':').slice(5).join(':');
  if (path !== '') return path;
  throw new ServiceError('InvalidRequestException', `${member} must be an ARN`);
}
