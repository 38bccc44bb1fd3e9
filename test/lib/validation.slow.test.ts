import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnResource, Duration, Stack } from 'aws-cdk-lib';
import { DeploymentCancellation, EcsServiceDeployment } from '../../lib';
import { recommendedFlags } from '../helpers/template';

// The validation of the CDK takes seconds, so it is off in all other tests.
beforeAll(() => {
  process.env.CDK_VALIDATION = 'true';
});
afterAll(() => {
  process.env.CDK_VALIDATION = 'false';
});

interface Report {
  readonly pluginReports: readonly {
    readonly violations: readonly { readonly violatingConstructs: readonly { readonly constructPath: string }[] }[];
  }[];
}

test('the validation of the CDK finds nothing in the templates, and finds a mistake elsewhere in the stack', () => {
  const app = new App({ context: recommendedFlags() });
  const deployment = EcsServiceDeployment.fromServiceName({ clusterName: 'prod', serviceName: 'web' });
  new DeploymentCancellation(new Stack(app, 'Plain'), 'Cancel', { deployment });
  const stack = new Stack(app, 'Full');
  new DeploymentCancellation(stack, 'Cancel', {
    deployment,
    timeout: Duration.minutes(45),
    trigger: '1',
    endpoint: 'http://localhost:1',
    includeStatusMessage: true,
    exportName: 'status',
    tracing: true,
  });
  new CfnResource(stack, 'Mistake', { type: 'AWS::Logs::LogGroup', properties: { RetentionInDays: 'soon' } });

  expect(() => app.synth()).toThrow("RetentionInDays: 'soon' is not of type 'integer'");
  const report: Report = JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8'));
  const found = report.pluginReports.flatMap(({ violations }) => violations);
  const where = found.flatMap(({ violatingConstructs }) =>
    violatingConstructs.map(({ constructPath }) => constructPath),
  );
  expect(new Set(where)).toEqual(new Set(['Full/Mistake']));
}, 60_000);
