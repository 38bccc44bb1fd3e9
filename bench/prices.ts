/**
 * Prices in us-east-1, in US dollars, without the free tier. Everything else that a cancellation uses is free: standard
 * parameters, their AWS managed key, and events of AWS services.
 *
 * - https://aws.amazon.com/step-functions/pricing/ (Standard Workflows)
 * - https://aws.amazon.com/lambda/pricing/ (Arm price, duration and requests)
 * - https://aws.amazon.com/systems-manager/pricing/ (Parameter Store, standard parameters and throughput)
 * - https://aws.amazon.com/eventbridge/pricing/ (state change events of AWS services)
 */
export const PRICES = {
  stateTransition: 25 / 1e6,
  lambdaRequest: 0.2 / 1e6,
  /** One GB-second on Arm. */
  lambdaGbSecond: 0.0000133334,
} as const;

/** The usage of a cancellation. */
export interface Consumption {
  readonly stateTransitions: number;
  readonly lambdaInvocations: number;
  readonly billedMs: number;
}

/** The memory of every function, in GB. All are priced as on Arm; those of the framework run on x86 and cost a quarter more. */
const GB = 128 / 1024;

/** Returns the cost in US dollars. */
export function cost({ stateTransitions, lambdaInvocations, billedMs }: Consumption): number {
  return (
    stateTransitions * PRICES.stateTransition +
    lambdaInvocations * PRICES.lambdaRequest +
    (billedMs / 1000) * GB * PRICES.lambdaGbSecond
  );
}
