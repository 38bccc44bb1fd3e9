import type { Deployment, ResourceAttribute } from '../contract/cancellation';
import type { FoundFleet } from '../contract/fleet';
import type { Validator } from './validator';

/** The values that address one deployment, by the names of its identifiers. */
export type Identifiers<Name extends string = string> = Readonly<Record<Name, string>>;

export interface IdentifierDefinition {
  readonly validate: Validator;
  /** The value that the app and the scenarios use by default; identifiers without one are left out. */
  readonly sample?: string;
}

/** The values of the options of a deployment, by their names. */
export type Options = NonNullable<Deployment['options']>;

/** An optional behavior of a cancellation. The contract carries its value in `Deployment.options`. */
export type OptionDefinition = (
  | { readonly type: 'boolean'; readonly default: boolean }
  /** One of a few words. */
  | { readonly type: 'choice'; readonly default: string; readonly values: readonly string[] }
  /** Names, none by default. */
  | { readonly type: 'list'; readonly default: readonly string[]; readonly validate: Validator }
  | SecondsOption
) & {
  /** The value that another option must have, or this one takes no effect. Default: it always takes effect. */
  readonly onlyIf?: { readonly option: string; readonly is: boolean | string };
};

/** A duration in whole seconds. It is left out by default, and its name ends with `Seconds`. */
export interface SecondsOption {
  readonly type: 'seconds';
  readonly default?: undefined;
  readonly min: number;
  readonly max: number;
}

/** IAM actions, and the resources that they are allowed on: as `KindDefinition.resource`, or `*` where they have none. */
export interface Permission {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** The deployment that a page of the console is about. */
export interface ConsolePage<Name extends string = string> {
  readonly identifiers: Identifiers<Name>;
  /** Undefined if no deployment is known. */
  readonly deploymentId?: string;
  readonly region: string;
}

/** What the constructs and the handlers have to agree on about a kind of deployment. */
export interface DeploymentDefinition<Name extends string = string> {
  /** The public class that declares a deployment of this kind. */
  readonly className: string;
  /** The noun for what is deployed: `ecs service`. */
  readonly label: string;
  /** Every identifier, whether or not it takes others to address a deployment. */
  readonly identifiers: Readonly<Record<Name, IdentifierDefinition>>;
  /**
   * The sets of identifiers that each address a deployment. The first complete set counts, so a set comes before its
   * subsets. The last set addresses the deployment in flight, without naming one deployment by its ID.
   */
  readonly identifierSets: readonly (readonly Name[])[];
  readonly options?: Readonly<Record<string, OptionDefinition>>;
  /** The name of the deployment for people: `ecs service prod/web`. */
  displayName(identifiers: Identifiers<Name>): string;
  /** The attributes of the custom resource that the service has values for. */
  readonly attributes: readonly ResourceAttribute[];
  /** Whether the cancel request contains the ID of the deployment. Otherwise it cancels whichever is in flight. */
  readonly cancelsById: boolean;
  /** `ended` if AWS no longer offers the service. Default: supported. */
  readonly lifecycle?: 'experimental' | 'ended';
  /** The permissions that cancelling and reading take, where they follow from the deployment alone. */
  permissions?(
    deployment: Pick<Deployment, 'options'> & { readonly identifiers: Identifiers<Name> },
  ): readonly Permission[];
}

/**
 * Everything that the constructs, the handlers, the emulator, the app and the documents have to agree on about a kind of
 * deployment that its identifiers address. Plain data: a file with definitions imports nothing of the CDK.
 */
export interface KindDefinition<Name extends string = string> extends DeploymentDefinition<Name> {
  /** A short name of the kind on the command line, besides its own name. */
  readonly command?: string;
  /** The IAM action that cancels. Its prefix is the name of the service. */
  readonly cancelAction: string;
  /** The IAM action that reads the status while the cancellation waits. */
  readonly readAction: string;
  /**
   * The resource that `readAction` is allowed on, and `cancelAction` if it has a resource type: its ARN after
   * `arn:PARTITION:SERVICE:REGION:ACCOUNT:`.
   */
  resource(identifiers: Identifiers<Name>): string;
  /**
   * The page of the deployment in the AWS Management Console: its address after `https://REGION.console.aws.amazon.com/`.
   * Left out where there is no such page any more.
   */
  consolePath?(page: ConsolePage<Name>): string;
  /** Whether the service documents that it rolls back a deployment that is cancelled. */
  readonly rollsBack: boolean;
}

/** A kind of fleet: deployments that a service lists when the cancellation begins. Plain data as well. */
export interface FleetKindDefinition<Name extends string = string> {
  /** The public class that declares a fleet of this kind. */
  readonly className: string;
  /** Every identifier; a fleet needs all of them. */
  readonly identifiers: Readonly<Record<Name, IdentifierDefinition>>;
  /** The options of its deployments. */
  readonly options?: Readonly<Record<string, OptionDefinition>>;
  /** The name of the fleet for people: `service instances of web`. */
  displayName(identifiers: Identifiers<Name>): string;
  /** The deployment of a key that the fleet lister has returned. */
  deploymentOf(key: string, fleet: Pick<FoundFleet, 'identifiers' | 'options'>): Deployment;
}
