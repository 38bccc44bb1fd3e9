import { App, CfnCondition, CfnOutput, CfnParameter, DefaultStackSynthesizer, Fn, Stack } from 'aws-cdk-lib';
import { type CfnPolicy, Policy } from 'aws-cdk-lib/aws-iam';
import { deploymentOf } from '../bin/context';
import { DEPLOYMENT_KINDS, type DeploymentKind, kindDefinition, serviceOf } from '../lib/deployments/kinds';
import { defaultOptions } from '../lib/deployments/options';
import { CancellationWorkflow } from '../lib/index';

/** Kinds whose service AWS still offers. */
export const TEMPLATE_KINDS = DEPLOYMENT_KINDS.filter((kind) => kindDefinition(kind).lifecycle !== 'ended');

const capitalized = (name: string) => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

/** The parameter of an identifier: `EcsClusterName`. */
export function parameterOf(kind: DeploymentKind, identifier: string): string {
  return `${capitalized(serviceOf(kind))}${capitalized(identifier)}`;
}

/** The identifiers that address the deployment in flight. */
export function templateIdentifiers(kind: DeploymentKind): readonly string[] {
  return kindDefinition(kind).identifierSets.at(-1) ?? [];
}

/** The stack of the plain template: a workflow, which may cancel what the parameters name. */
export function createTemplateStack(): Stack {
  const app = new App({ analyticsReporting: false });
  const stack = new Stack(app, 'CancellationWorkflow', {
    description: 'A workflow that cancels a deployment in flight, waits until it is over, and says how it ended',
    synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
  });
  const workflow = CancellationWorkflow.of(stack);
  for (const kind of TEMPLATE_KINDS) allowIfNamed(workflow, kind);
  new CfnOutput(stack, 'StateMachineArn', {
    value: workflow.stateMachine.stateMachineArn,
    description: 'Start an execution with the deployment to cancel as its input',
  });
  return stack;
}

/** Allows the workflow to cancel a deployment, if the parameters name it. */
function allowIfNamed(workflow: CancellationWorkflow, kind: DeploymentKind): void {
  const stack = Stack.of(workflow);
  const { label, options } = kindDefinition(kind);
  const values = templateIdentifiers(kind).map((identifier): [string, string] => {
    const id = parameterOf(kind, identifier);
    const description = `${identifier} of the ${label} whose deployments may be cancelled; * for all. Empty: none`;
    const parameter =
      (stack.node.tryFindChild(id) as CfnParameter | undefined) ??
      new CfnParameter(stack, id, { type: 'String', default: '', description });
    return [identifier, parameter.valueAsString];
  });
  const named = values.map(([, value]) => Fn.conditionNot(Fn.conditionEquals(value, '')));
  const isNamed = new CfnCondition(stack, `${kindDefinition(kind).className}IsNamed`, {
    // A condition of this type takes two operands or more.
    expression: Fn.conditionAnd(...named, ...named.slice(0, 1)),
  });
  const deployment = deploymentOf({
    kind,
    identifiers: Object.fromEntries(values),
    options: defaultOptions(options),
  });
  const id = `${kindDefinition(kind).className}Policy`;
  // Only the policies of what is named are created. All of them would not fit into a role.
  const policy = new Policy(stack, id, { statements: deployment.policyStatements(workflow) });
  workflow.deploymentRole.attachInlinePolicy(policy);
  (policy.node.defaultChild as CfnPolicy).cfnOptions.condition = isNamed;
}
