import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { VirtualClock } from '../../../../emulator/core/clock';
import { DEFAULT_NAMES, scenario } from '../../../../emulator/services/proton/scenarios';
import { Assembly } from '../../../../emulator/simulation/assembly';
import { type Report, run } from '../../../../emulator/simulation/run';
import type { ScenarioName } from '../../../../emulator/simulation/scenarios';
import { DeploymentCancellation, ProtonDeployment } from '../../../../lib';
import type { Outcome } from '../../../../lib/contract/cancellation';
import { PROTON_KINDS, type ProtonKindName } from '../../../../lib/deployments/proton/kinds';
import { deniedOperations } from '../../emulator-fixture';

const KINDS = Object.keys(PROTON_KINDS) as ProtonKindName[];

const DEPLOYMENTS: Readonly<Record<ProtonKindName, ProtonDeployment>> = {
  'proton-service-instance': ProtonDeployment.serviceInstance(DEFAULT_NAMES),
  'proton-service-pipeline': ProtonDeployment.servicePipeline(DEFAULT_NAMES),
  'proton-environment': ProtonDeployment.environment(DEFAULT_NAMES),
  'proton-component': ProtonDeployment.component(DEFAULT_NAMES),
};

// Some take more than a second, on a machine that has other things to do.
jest.setTimeout(30_000);

const directory = mkdtempSync(join(tmpdir(), 'kinds-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** A stack that cancels the deployment of a kind, and outputs the attributes of every kind. */
function synthesise(kind: ProtonKindName): Assembly {
  const outdir = join(directory, kind);
  const app = new App({ outdir });
  const stack = new Stack(app, 'Stack');
  const cancellation = new DeploymentCancellation(stack, 'Cancellation', {
    deployment: DEPLOYMENTS[kind],
    output: false,
  });
  const { deploymentStatus, outcome, deploymentId } = cancellation;
  const { arn } = cancellation.attributes;
  for (const [id, value] of Object.entries({ deploymentStatus, outcome, deploymentId, arn })) {
    new CfnOutput(stack, id, { value });
  }
  app.synth();
  return new Assembly(outdir);
}

const ENDS: readonly [ScenarioName, Outcome, string][] = [
  ['cancelled', 'CANCELLED', 'CANCELLED'],
  ['finishes-first', 'COMPLETED_FIRST', 'SUCCEEDED'],
  ['cancel-fails', 'CANCEL_FAILED', 'FAILED'],
  ['nothing-to-cancel', 'NOTHING_TO_CANCEL', 'SUCCEEDED'],
  ['superseded', 'SUPERSEDED', 'CANCELLED'],
  ['vanishes', 'SUPERSEDED', 'DELETE_COMPLETE'],
];

describe.each(KINDS)('a stack that cancels a deployment of the kind %s', (kind) => {
  let assembly: Assembly;
  beforeAll(() => {
    assembly = synthesise(kind);
  });
  const play = (name: ScenarioName): Promise<Report> =>
    run({ clock: new VirtualClock(), assembly, scenario: scenario(name, { kind }) });

  test.each(ENDS)('%s: outputs %s, %s', async (name, outcome, deploymentStatus) => {
    const { stackStatus, outputs, history } = await play(name);
    expect(stackStatus).toBe('CREATE_COMPLETE');
    expect(outputs).toMatchObject({
      outcome,
      deploymentStatus,
      deploymentId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    // The attributes of the resource are those with its last deployment.
    if (outcome !== 'SUPERSEDED') expect(outputs.arn).toMatch(/^arn:aws:proton:us-east-1:123456789012:/);
    const calls = history.flatMap((event) => (event.kind === 'call' ? [event] : []));
    expect(deniedOperations(calls)).toEqual([]);
  });

  test('not-found: fails with the name that was not found', async () => {
    const { stackStatus, statusReason } = await play('not-found');
    expect(stackStatus).toBe('ROLLBACK_COMPLETE');
    expect(statusReason).toContain(`${DEPLOYMENTS[kind].displayName} was not found`);
  });
});
