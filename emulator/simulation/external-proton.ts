import type { Assembly } from './assembly';
import { DEPLOYMENT_TYPE } from './test-resources';

/** Returns why an external AWS Proton cannot replace the emulated one for these stacks; undefined if it can. */
export function externalProtonProblem({ templates }: Pick<Assembly, 'templates'>): string | undefined {
  const text = JSON.stringify(templates);
  // Starting a deployment takes this permission, except in the test resource of the emulator.
  if (text.includes(DEPLOYMENT_TYPE) || /proton:UpdateServiceInstance/i.test(text)) {
    return 'which starts deployments on the emulated Proton only';
  }
  return /"proton:\w+"/.test(text) ? undefined : 'which does not use Proton';
}
