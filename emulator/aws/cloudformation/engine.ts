import type { Clock } from '../../core/clock';
import type { Exports } from './exports';
import type { SsmParameter } from './parameters';
import type { ResourceType } from './resource-type';

/** What the parts of the embedded CloudFormation have in common. */
export interface Engine {
  readonly clock: Clock;
  readonly region: string;
  readonly accountId: string;
  /** A new UUID at each call. */
  readonly ids: () => string;
  readonly exports: Exports;
  readonly ssmParameter?: SsmParameter;
  typeOf(name: string): ResourceType | undefined;
  emit(event: StackEvent): void;
}

/** One line of what happened to a stack, its own changes of status among them. */
export interface StackEvent {
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly stackId: string;
  readonly stackName: string;
  readonly logicalId: string;
  readonly physicalId?: string;
  readonly resourceType: string;
  readonly status: string;
  readonly statusReason?: string;
}

/** The type of a stack in its own events and as a resource of another stack. */
export const STACK_TYPE = 'AWS::CloudFormation::Stack';

/** Twelve capitals and digits, such as CloudFormation ends the names with that it invents. */
export function nameSuffix(ids: () => string): string {
  return ids().replaceAll('-', '').slice(-12).toUpperCase();
}
