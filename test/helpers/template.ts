import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, type Environment, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { resolve } from '../../emulator/aws/cloudformation/intrinsics';
import type { PolicyDocument } from '../../emulator/aws/iam';

/** Returns the template of a stack that `build` fills. Fails on circular dependencies. */
export function synthesize(build: (stack: Stack) => void, props: SynthesisProps = {}): Template {
  const stack = new Stack(new App({ context: props.context }), 'Stack', { env: props.env });
  build(stack);
  return Template.fromStack(stack);
}

export interface SynthesisProps {
  /** Feature flags. Default: none, as in the oldest apps. */
  readonly context?: Record<string, unknown>;
  readonly env?: Environment;
}

/** The feature flags of this package's own app: all that CDK recommends to a new one. */
export function recommendedFlags(): Record<string, unknown> {
  return JSON.parse(readFileSync(join(__dirname, '..', '..', 'cdk.json'), 'utf8')).context;
}

/** The logical ids of all resources of a type. */
export function idsOf(template: Template, type: string): string[] {
  return Object.keys(template.findResources(type));
}

export const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::AccountId': '111122223333',
  'AWS::StackName': 'Stack',
  'AWS::StackId': 'arn:aws:cloudformation:us-east-1:111122223333:stack/Stack/0aa1',
};

/** A value of a template with its intrinsics resolved: `Ref` gives the logical id, `Fn::GetAtt` gives `Id.Attribute`. */
export function resolved(value: unknown): unknown {
  return resolve(value, {
    ref: (name) => PSEUDO_PARAMETERS[name] ?? name,
    attribute: (id, attribute) => `${id}.${attribute}`,
    condition: unexpected,
    mapping: unexpected,
    importValue: unexpected,
    stackOutput: unexpected,
    ssmParameter: unexpected,
  });
}

function unexpected(name: string): never {
  throw new Error(`nothing in these templates should need ${name}`);
}

/** Every policy of a role, wherever in the template it is declared. */
export function policiesOf(template: Template, roleId: string): PolicyDocument[] {
  const role = template.findResources('AWS::IAM::Role')[roleId]?.Properties;
  if (!role) throw new Error(`no role ${roleId} among ${idsOf(template, 'AWS::IAM::Role').join(', ')}`);
  const managed = template.findResources('AWS::IAM::ManagedPolicy');
  const attached = Object.entries({ ...template.findResources('AWS::IAM::Policy'), ...managed });
  const byRole = attached.filter(([, { Properties }]) => JSON.stringify(Properties.Roles ?? []).includes(roleId));
  const foreign = ((resolved(role.ManagedPolicyArns) ?? []) as string[]).filter((arn) => !Object.hasOwn(managed, arn));
  if (foreign.length > 0) throw new Error(`${roleId} has policies that are not in the template: ${foreign.join(', ')}`);
  return [
    ...(role.Policies ?? []).map((policy: { PolicyDocument: unknown }) => policy.PolicyDocument),
    ...byRole.map(([, { Properties }]) => Properties.PolicyDocument),
  ].map((document) => resolved(document) as PolicyDocument);
}

/** All that a role may do, one `action on resource` a line, with `never` or `if` where it is so. Anything else is an error. */
export function permissionsOf(template: Template, roleId: string): string[] {
  return policiesOf(template, roleId)
    .flatMap(({ Statement }) => Statement)
    .flatMap((statement) => {
      const { Effect, Action, Resource, Condition, ...others } = statement;
      if (Object.keys(others).length > 0) throw new Error(`unexpected ${JSON.stringify(statement)}`);
      const effect = Effect === 'Allow' ? '' : 'never ';
      const condition = Condition === undefined ? '' : ` if ${JSON.stringify(Condition)}`;
      return listOf(Action).flatMap((action) =>
        listOf(Resource).map((resource) => `${effect}${action} on ${resource}${condition}`),
      );
    })
    .sort();
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : [value].flat();
}

/** A state, as far as the tests look into it. */
export interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Resource?: string;
  readonly Parameters?: unknown;
  readonly TimeoutSeconds?: number;
  readonly Choices?: readonly { readonly Variable: string; readonly Next: string }[];
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[]; readonly MaxAttempts: number }[];
  readonly Catch?: readonly {
    readonly ErrorEquals: readonly string[];
    readonly ResultPath: string;
    readonly Next: string;
  }[];
  readonly End?: boolean;
}

export interface Definition {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
  readonly TimeoutSeconds?: number;
}

/** The definition of the one state machine in a template whose logical id begins so. */
export function definitionOf(template: Template, prefix = ''): Definition {
  const machines = Object.entries(template.findResources('AWS::StepFunctions::StateMachine'));
  const [found, ...others] = machines.filter(([id]) => id.startsWith(prefix));
  if (!found || others.length > 0) throw new Error(`not one state machine ${prefix}… in the template`);
  return JSON.parse(resolved(found[1].Properties.DefinitionString) as string);
}

/** The package contains no types. The function changes its input. */
const validate =
  jest.requireActual<
    (
      definition: unknown,
      options: { checkPaths: boolean; checkArn: boolean },
    ) => { isValid: boolean; errorsText(): string }
  >('asl-validator');

/** Returns the errors of a definition in the Amazon States Language; empty if it is valid. */
export function languageProblems(definition: Definition): string {
  // The functions have no ARNs before they are deployed.
  return validate(structuredClone(definition), { checkPaths: true, checkArn: false }).errorsText();
}
