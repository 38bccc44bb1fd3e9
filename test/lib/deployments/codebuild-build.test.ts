import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import { CfnProject, Project } from 'aws-cdk-lib/aws-codebuild';
import { CodeBuildBuild, DeploymentCancellation } from '../../../lib';
import { permissionsOf, synthesize } from '../../helpers/template';

const DEPLOYMENT_ROLE = 'DeploymentCancellationWorkflowDeploymentRole75619BCC';
const PROJECT = 'arn:aws:codebuild:us-east-1:111122223333:project/web';
const ID = 'web:0a1b2c3d-1111-4222-8333-444455556666';

const permissions = (deployment: CodeBuildBuild) => {
  const template = synthesize((stack) => {
    new DeploymentCancellation(stack, 'Cancellation', { deployment });
  });
  return permissionsOf(template, DEPLOYMENT_ROLE).filter((one) => one.startsWith('codebuild:'));
};

test('the builds of this project may be read and stopped', () => {
  const own = [`codebuild:BatchGetBuilds on ${PROJECT}`, `codebuild:StopBuild on ${PROJECT}`];
  const list = `codebuild:ListBuildsForProject on ${PROJECT}`;
  expect(permissions(CodeBuildBuild.fromProjectName('web'))).toEqual([own[0], list, own[1]]);
  expect(permissions(CodeBuildBuild.fromProjectName('web', { buildId: ID }))).toEqual(own);
});

test('a project of the CDK is addressed by its name', () => {
  const stack = new Stack(new App(), 'Stack');
  const named = CodeBuildBuild.fromProject(Project.fromProjectName(stack, 'Imported', 'web'), { buildId: ID });
  expect(named._toContract()).toEqual({
    kind: 'codebuild-build',
    identifiers: { projectName: 'web', buildId: ID },
  });
  expect(named.displayName).toBe(`build ${ID}`);
  const created = new CfnProject(stack, 'Created', {
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { computeType: 'c', image: 'i', type: 't' },
    serviceRole: 'r',
    source: { type: 'NO_SOURCE' },
  });
  const { identifiers } = CodeBuildBuild.fromProject(created)._toContract();
  expect(stack.resolve(identifiers)).toEqual({ projectName: { Ref: 'Created' } });
});

test('what is no project is rejected, as from JavaScript', () => {
  expect(() => CodeBuildBuild.fromProject(JSON.parse('"web"'))).toThrow(
    "project must be a Project of aws-codebuild, not 'web': use fromProjectName for a name",
  );
});

test.each(['', 'a', '-web', 'web*', 'x'.repeat(256)])('a project with the name %j is rejected', (name) => {
  expect(() => CodeBuildBuild.fromProjectName(name)).toThrow(/^projectName must have 2 to 255 letters, digits, /);
});

test('an invalid ID, or one of another project, is rejected; tokens are accepted', () => {
  const withId = (projectName: string, buildId: string) => () =>
    CodeBuildBuild.fromProjectName(projectName, { buildId });
  expect(withId('web', 'latest')).toThrow("buildId must be the ID of a build, PROJECT:UUID, not 'latest'");
  expect(withId('api', ID)).toThrow(`buildId must be the ID of a build of project api, not '${ID}'`);
  const { valueAsString } = new CfnParameter(new Stack(new App(), 'Stack'), 'Id');
  expect(withId('web', valueAsString)).not.toThrow();
  expect(withId(valueAsString, ID)).not.toThrow();
});
