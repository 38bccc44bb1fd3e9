import { Template } from 'aws-cdk-lib/assertions';
import { Artifact, Pipeline, PipelineType, type StageProps } from 'aws-cdk-lib/aws-codepipeline';
import { ManualApprovalAction, S3SourceAction, S3Trigger } from 'aws-cdk-lib/aws-codepipeline-actions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { ProtonDeployment } from '../../lib';
import { idsOf, policiesOf, resolved } from './template';

const MACHINES = 'arn:aws:states:us-east-1:111122223333:stateMachine';
export const WORKFLOW_ID = 'DeploymentCancellationWorkflowStateMachineCCA2B105';
export const WORKFLOW = `${MACHINES}:${WORKFLOW_ID}`;
export const DEPLOYMENT_ROLE = 'DeploymentCancellationWorkflowDeploymentRole75619BCC';

export const deployment = ProtonDeployment.serviceInstance({ serviceName: 'web', serviceInstanceName: 'web-prod' });

/** The input of the workflow for it, with the default options. */
export const INPUT = {
  contractVersion: '1',
  deployment: { kind: 'proton-service-instance', identifiers: { serviceName: 'web', serviceInstanceName: 'web-prod' } },
  settings: { timeoutSeconds: 1800, failOn: [], onNotFound: 'fail', includeStatusMessage: false },
};

export const MAY_CANCEL =
  'proton:CancelServiceInstanceDeployment on arn:aws:proton:us-east-1:111122223333:service/web/service-instance/web-prod';

/** Replaces references to state machines by their ARNs, because templates use parts of these ARNs. */
export function withArns(template: Template): Template {
  const text = idsOf(template, 'AWS::StepFunctions::StateMachine').reduce(
    (json, id) => json.replaceAll(`{"Ref":"${id}"}`, `"${MACHINES}:${id}"`),
    JSON.stringify(template.toJSON()),
  );
  return Template.fromJSON(JSON.parse(text), { skipCyclicalDependenciesCheck: true });
}

/** An action as it stands in a template, resolved. */
export interface Action {
  readonly Name: string;
  readonly ActionTypeId: { readonly Provider: string };
  readonly Configuration: { readonly [name: string]: string };
  readonly RunOrder: number;
  readonly RoleArn: string;
}

interface RenderedStage {
  readonly Name: string;
  readonly Actions: readonly Action[];
  readonly OnFailure?: unknown;
}

/** The stages of the one pipeline in a template, by name. */
export function stagesOf(template: Template): Record<string, RenderedStage> {
  const [pipeline] = Object.values(template.findResources('AWS::CodePipeline::Pipeline'));
  const stages = resolved(pipeline?.Properties.Stages) as RenderedStage[];
  return Object.fromEntries(stages.map((stage) => [stage.Name, stage]));
}

/** A pipeline with a source and the stages that are given. */
export function pipelineWith(scope: Construct, stages: StageProps[], pipelineType = PipelineType.V2): Pipeline {
  const source = new S3SourceAction({
    actionName: 'Source',
    bucket: new Bucket(scope, 'Bucket'),
    bucketKey: 'source.zip',
    output: new Artifact(),
    trigger: S3Trigger.NONE,
  });
  return new Pipeline(scope, 'Pipeline', {
    pipelineType,
    stages: [{ stageName: 'Source', actions: [source] }, ...stages],
  });
}

export const approval = () => new ManualApprovalAction({ actionName: 'Approve' });

/** The state machines that each role of a template may start, by the logical ID of the role. */
export function startedBy(template: Template): Record<string, string[]> {
  const may = idsOf(template, 'AWS::IAM::Role').map((role): [string, string[]] => {
    const statements = policiesOf(template, role).flatMap(({ Statement }) => Statement);
    const resources = statements
      .filter(({ Action }) => [Action ?? []].flat().some((action) => /^(\*|states:(\*|Start.*))$/.test(action)))
      .flatMap(({ Resource }) => Resource ?? '');
    return [role, [...new Set(resources)]];
  });
  return Object.fromEntries(may.filter(([, resources]) => resources.length > 0));
}

/** The role of the CloudFormation function, which every workflow has. */
export const CLOUDFORMATION = { DeploymentCancellationWorkflowCloudFormationRole48D2F433: [WORKFLOW] };

export const logicalIdOf = (arn: string): string => arn.replace(/\.Arn$/, '');

/** The permissions of a role with which a state machine logs. */
export const DELIVERS_LOGS = [
  'CreateLogDelivery',
  'DeleteLogDelivery',
  'DescribeLogGroups',
  'DescribeResourcePolicies',
  'GetLogDelivery',
  'ListLogDeliveries',
  'PutResourcePolicy',
  'UpdateLogDelivery',
].map((action) => `logs:${action} on *`);
