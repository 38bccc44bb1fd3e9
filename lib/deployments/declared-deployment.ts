import { Stack, Token } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ResourceEnvironment } from 'aws-cdk-lib/interfaces';
import type { IConstruct } from 'constructs';
import type { Deployment } from '../contract/cancellation';
import { validateEnvironment } from '../private/environment';
import { InvalidConfigurationError } from '../private/errors';
import { pathsIn } from '../private/tokens';
import { CancellableDeployment, validateIdentifiers } from './cancellable-deployment';
import type { OptionDefinition } from './kind-definition';
import { deploymentDefinition, serviceOf } from './kinds';
import { conflictOf, nameWithoutUnit, optionProblem } from './options';

/**
 * The shared part of the deployments of all kinds. jsii moves its public members to the subclasses.
 *
 * @internal
 */
export abstract class DeclaredDeployment extends CancellableDeployment {
  public readonly displayName: string;

  /** @param environment the account and region of the deployment; undefined if they are not known to differ from the stack's */
  protected constructor(
    private readonly deployment: Deployment,
    private readonly environment?: ResourceEnvironment,
  ) {
    super();
    const { kind, identifiers, options = {} } = deployment;
    const definition = deploymentDefinition(kind);
    validateIdentifiers(identifiers, definition.identifiers);
    validateOptions(options, definition.options ?? {});
    this.displayName = definition.displayName(identifiers);
  }

  /** @throws if the deployment is known to be in another account or region than the stack of `scope` */
  public policyStatements(scope: IConstruct): PolicyStatement[] {
    this._validateEnvironment(scope);
    const { kind, identifiers } = this.deployment;
    const arn = (path: string) => Stack.of(scope).formatArn({ service: serviceOf(kind), resource: path });
    const statements = this._statements(identifiers, arn, scope);
    validatePolicyPaths(this.displayName, statements, scope);
    return statements;
  }

  /** @internal */
  public _validateEnvironment(scope: IConstruct, roleAccount?: string): void {
    if (this.environment) validateEnvironment(this.displayName, this.environment, scope, roleAccount);
  }

  /** @internal */
  public _toContract(): Deployment {
    return this.deployment;
  }

  /**
   * The permissions, for `policyStatements`: those of the kind, unless they depend on more than the deployment.
   *
   * @param arn creates an ARN of the service in the account and region of the stack
   * @internal
   */
  protected _statements(
    _identifiers: Deployment['identifiers'],
    arn: (path: string) => string,
    _scope: IConstruct,
  ): PolicyStatement[] {
    const { kind } = this.deployment;
    const { permissions } = deploymentDefinition(kind);
    if (!permissions) throw new Error(`${kind} must have permissions, or a class that creates its statements`);
    return permissions(this.deployment).map(({ actions, resources }) => {
      const arns = resources.map((path) => (path === '*' ? path : arn(path)));
      return new PolicyStatement({ actions: [...actions], resources: arns });
    });
  }
}

/**
 * @throws if the value of an option is not valid, which the compiler does not check in JavaScript, or an option takes no
 * effect. Tokens are checked by the handlers
 * @internal
 */
export function validateOptions(
  options: NonNullable<Deployment['options']>,
  definitions: Readonly<Record<string, OptionDefinition>>,
): void {
  for (const [name, value] of Object.entries(options)) {
    const definition = definitions[name];
    const problem = definition ? optionProblem(value, definition, Token.isUnresolved) : 'is not an option';
    if (problem) throw new InvalidConfigurationError(`${name} ${problem}`);
  }
  const conflict = conflictOf(options, definitions, nameWithoutUnit);
  if (conflict) throw new InvalidConfigurationError(conflict);
}

/** @throws if a permission depends on a path: the name is unknown until the cancellation runs */
function validatePolicyPaths(displayName: string, statements: readonly PolicyStatement[], scope: IConstruct): void {
  const resources = statements.flatMap((statement) => statement.resources);
  if (pathsIn(resources, scope).length === 0) return;
  throw new InvalidConfigurationError(
    `${Stack.of(scope).resolve(displayName)} contains a path, and the permissions to cancel it need its name: use the name, and a rule or task for each name`,
    scope,
  );
}
