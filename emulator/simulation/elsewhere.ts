import type { Assembly } from './assembly';
import { DEPLOYMENT_TYPE } from './test-resources';

/** Why a Proton that runs elsewhere cannot take the place of the embedded one for these stacks; undefined if it can. */
export function elsewhereProblem({ templates }: Pick<Assembly, 'templates'>): string | undefined {
  const text = JSON.stringify(templates);
  // Whoever starts one needs that permission, except for the embedded cloud's own resource.
  if (text.includes(DEPLOYMENT_TYPE) || /proton:UpdateServiceInstance/i.test(text)) {
    return 'which starts deployments on the embedded Proton, of which another one would not know';
  }
  return /"proton:\w+"/.test(text) ? undefined : 'which does not speak to Proton';
}
