import { App, Stack } from 'aws-cdk-lib';
import { CfnBranch } from 'aws-cdk-lib/aws-amplify';
import { AmplifyJob, DeploymentCancellation } from '../../../lib';
import { permissionsOf, synthesize } from '../../helpers/template';

const DEPLOYMENT_ROLE = 'DeploymentCancellationWorkflowDeploymentRole75619BCC';
const BRANCH = 'arn:aws:amplify:us-east-1:111122223333:apps/d123/branches/feature/a';
const NAMES = { appId: 'd123', branchName: 'feature/a' };

const permissions = (deployment: AmplifyJob) => {
  const template = synthesize((stack) => {
    new DeploymentCancellation(stack, 'Cancellation', { deployment });
  });
  return permissionsOf(template, DEPLOYMENT_ROLE).filter((one) => one.startsWith('amplify:'));
};

test('the jobs of this branch may be read and stopped', () => {
  expect(permissions(AmplifyJob.fromBranchName(NAMES))).toEqual([
    `amplify:GetJob on ${BRANCH}/jobs/*`,
    `amplify:ListJobs on ${BRANCH}`,
    `amplify:StopJob on ${BRANCH}/jobs/*`,
  ]);
  expect(permissions(AmplifyJob.fromBranchName(NAMES, { jobId: '7' }))).toEqual([
    `amplify:GetJob on ${BRANCH}/jobs/7`,
    `amplify:StopJob on ${BRANCH}/jobs/7`,
  ]);
});

test('a branch of the CDK is addressed by its names', () => {
  const stack = new Stack(new App(), 'Stack');
  const named = AmplifyJob.fromBranch(new CfnBranch(stack, 'Branch', NAMES), { jobId: '7' });
  expect(named._toContract()).toEqual({ kind: 'amplify-job', identifiers: { ...NAMES, jobId: '7' } });
  expect(named.displayName).toBe('job 7 of amplify branch d123/feature/a');
});

test('what is no branch, or has no names, is rejected', () => {
  for (const wrong of ['"main"', '{"branchRef":{"branchArn":"arn"}}', 'null']) {
    expect(() => AmplifyJob.fromBranch(JSON.parse(wrong))).toThrow(
      /^branch must be a CfnBranch of aws-amplify, not .*: use fromBranchName for names$/,
    );
  }
});

test.each<[object, object, string]>([
  [{ appId: 'D123' }, {}, 'appId'],
  [{ appId: 'd*' }, {}, 'appId'],
  [{ branchName: '' }, {}, 'branchName'],
  [{ branchName: 'ma*n' }, {}, 'branchName'],
  [{}, { jobId: 'latest' }, 'jobId'],
])('a wrong name is rejected: %j %j', (names, options, name) => {
  expect(() => AmplifyJob.fromBranchName({ ...NAMES, ...names }, options)).toThrow(new RegExp(`^${name} must `));
});
