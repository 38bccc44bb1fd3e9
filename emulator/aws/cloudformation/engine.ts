import type { Clock } from '../../core/clock';
import type { AwsEnvironment } from '../../core/environment';
import type { Exports } from './exports';
import type { SsmParameter } from './parameters';
import type { ResourceType } from './resource-type';

/** The shared parts of the emulated CloudFormation. */
export interface Engine {
  readonly clock: Clock;
  readonly environment: AwsEnvironment;
  /** Returns a new UUID at each call. */
  readonly ids: () => string;
  readonly exports: Exports;
  readonly ssmParameter?: SsmParameter;
  typeOf(name: string): ResourceType | undefined;
  emit(event: StackEvent): void;
}

/** An event of a stack or of one of its resources. */
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

/** Generates twelve capital letters and digits, the end of the names that CloudFormation generates. */
export function nameSuffix(ids: () => string): string {
  return ids().replaceAll('-', '').slice(-12).toUpperCase();
}
