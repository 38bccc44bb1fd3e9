import type { Assembly } from './assembly';
import { DEPLOYMENT_TYPE } from './test-resources';

/** Returns why a Proton that runs elsewhere cannot replace the emulated one for these stacks; undefined if it can. */
export function elsewhereProblem({ templates }: Pick<Assembly, 'templates'>): string | undefined {
  const text = JSON.stringify(templates);
  // Starting a deployment takes this permission, except in the test resource of the emulator.
  if (text.includes(DEPLOYMENT_TYPE) || /proton:UpdateServiceInstance/i.test(text)) {
    return 'which starts deployments on the emulated Proton, where the other Proton does not find them';
  }
  return /"proton:\w+"/.test(text) ? undefined : 'which does not use Proton';
}
