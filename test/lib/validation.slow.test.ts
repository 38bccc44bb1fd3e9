import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnResource, Duration, Stack } from 'aws-cdk-lib';
import { DeploymentCancellation, ProtonDeployment } from '../../lib';
import { recommendedFlags } from '../helpers/template';

// CDK's own validation takes seconds: this is the one place where it is on.
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

test("CDK's own validation finds nothing in the templates, while it finds a mistake made beside them", () => {
  const app = new App({ context: recommendedFlags() });
  const deployment = ProtonDeployment.serviceInstance({ serviceName: 'web', serviceInstanceName: 'web-prod' });
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
