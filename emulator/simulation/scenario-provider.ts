import type { Scenario, ScenarioName } from './scenarios';

/** A kind of deployment beside those of Proton, as a scenario shows it. */
export interface ScenarioProvider {
  /** As the context of `bin/app.ts` takes it. */
  readonly kind: string;
  /** @param context as `bin/app.ts` takes it: the names that address the deployment, where they are not the usual ones */
  scenario(name: ScenarioName, context: Readonly<Record<string, string>>): Omit<Scenario, 'name' | 'kind'>;
}
