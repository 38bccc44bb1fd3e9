import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { DeploymentCancellation, ProtonDeployment } from '../../lib/index';
import { definitionOf, flowGraph, functionName, type Template } from './flow';
import { stateMachineGraph } from './state-machine';
import { svgOf } from './svg';

/** The diagrams of the README by file name, drawn from the stack of its first example. */
export function diagrams(): Readonly<Record<string, string>> {
  const template = synthesize();
  const { Resources } = template;
  const machine = Object.values(Resources).find(({ Type }) => Type === 'AWS::StepFunctions::StateMachine');
  const definition = definitionOf(machine?.Properties.DefinitionString);
  return {
    'flow.svg': svgOf(flowGraph(template)),
    'state-machine.svg': svgOf(stateMachineGraph(definition, (resource) => functionName(Resources[String(resource)]))),
  };
}

function synthesize(): Template {
  const outdir = mkdtempSync(join(tmpdir(), 'cdk.out-'));
  try {
    const app = new App({ outdir });
    const stack = new Stack(app, 'Stack');
    const names = { serviceName: 'web', serviceInstanceName: 'web-prod' };
    new DeploymentCancellation(stack, 'Cancellation', { deployment: ProtonDeployment.serviceInstance(names) });
    app.synth();
    return JSON.parse(readFileSync(join(outdir, stack.templateFile), 'utf8')) as Template;
  } finally {
    rmSync(outdir, { recursive: true });
  }
}
