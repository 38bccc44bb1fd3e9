import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { DeploymentCancellation, ProtonDeployment } from '../../lib/index';
import { definitionOf, flowGraph, functionName, type Template } from './flow';
import { stateMachineGraph } from './state-machine';
import { svgOf } from './svg';

/** The pictures of the README, by the names of their files, as the stack of its first example is. */
export function pictures(): Readonly<Record<string, string>> {
  const template = synthesised();
  const { Resources } = template;
  const machine = Object.values(Resources).find(({ Type }) => Type === 'AWS::StepFunctions::StateMachine');
  const definition = definitionOf(machine?.Properties.DefinitionString);
  return {
    'flow.svg': svgOf(flowGraph(template)),
    'state-machine.svg': svgOf(stateMachineGraph(definition, (resource) => functionName(Resources[String(resource)]))),
  };
}

function synthesised(): Template {
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
