import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { DeploymentCancellation, EcsServiceDeployment } from '../../lib/index';
import { definitionOf, flowGraph, functionName, type Template } from './flow';
import { runPicture } from './run';
import { stateMachineGraph } from './state-machine';
import { svgOf } from './svg';

/** The diagrams of the README and of docs/ by file name, drawn from the stack of the first example and from a run of it. */
export async function diagrams(): Promise<Readonly<Record<string, string>>> {
  const outdir = mkdtempSync(join(tmpdir(), 'cdk.out-'));
  try {
    const stack = synthesize(outdir);
    const template = JSON.parse(readFileSync(join(outdir, stack.templateFile), 'utf8')) as Template;
    const { Resources } = template;
    const machine = Object.values(Resources).find(({ Type }) => Type === 'AWS::StepFunctions::StateMachine');
    const definition = definitionOf(machine?.Properties.DefinitionString);
    return {
      'flow.svg': svgOf(flowGraph(template)),
      'state-machine.svg': svgOf(
        stateMachineGraph(definition, (resource) => functionName(Resources[String(resource)])),
      ),
      'run.svg': await runPicture(outdir, names),
    };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

const names = { clusterName: 'prod', serviceName: 'web' };

function synthesize(outdir: string): Stack {
  const app = new App({ outdir });
  const stack = new Stack(app, 'Stack');
  const deployment = EcsServiceDeployment.fromServiceName(names);
  new DeploymentCancellation(stack, 'Cancellation', { deployment });
  app.synth();
  return stack;
}
