import type { Deployment } from '../contract/cancellation';

/** What the constructs and the handlers know of a kind of deployment, apart from how its service is spoken to. */
export interface KindDefinition {
  /** The ways in which one can be addressed: the names that each takes. A way that takes more comes first. */
  readonly identifierSets: readonly (readonly string[])[];
  /** Says what is wrong with the value of a name, or nothing. */
  validate(name: string, value: unknown): string | undefined;
  /** What a person calls it: `service instance web/web-prod`. */
  displayName(identifiers: Deployment['identifiers']): string;
}
