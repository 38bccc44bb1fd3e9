import { serviceFor } from '../../../../lambda/deployment/services/registry';
import type { Service } from '../../../../lambda/deployment/services/service';
import { InvalidRequestError } from '../../../../lambda/parse';

const service: Service = { connect: () => ({ driverFor: jest.fn() }) };
const found = () => jest.fn(async () => ({ service }));
const failing = (error: unknown) => () => Promise.reject(error);

describe('the service of a kind', () => {
  test.each(['proton-environment', 'proton-environment-instances'] as const)(
    'is loaded for %s, and no other service is',
    async (kind) => {
      const modules = { proton: found(), other: found() };
      expect(await serviceFor(kind, modules)).toBe(service);
      expect(modules.proton).toHaveBeenCalledTimes(1);
      expect(modules.other).not.toHaveBeenCalled();
    },
  );

  test.each([
    ['is there only in part', new Error("Cannot find module './chunk.mjs'")],
    ['fails', new TypeError('broken')],
    ['throws what is no error', undefined],
  ])('rejects with what the module fails with when it %s', async (_what, error) => {
    await expect(serviceFor('proton-component', { proton: failing(error) })).rejects.toBe(error);
  });

  test('can be loaded after an attempt that failed', async () => {
    const proton = found().mockRejectedValueOnce(new Error('broken'));
    await expect(serviceFor('proton-component', { proton })).rejects.toThrow('broken');
    expect(await serviceFor('proton-component', { proton })).toBe(service);
  });

  test.each(['proton-component', 'constructor-component'])('refuses %s when it is not among them', async (kind) => {
    const loading = serviceFor(kind as 'proton-component', { other: found() });
    await expect(loading).rejects.toThrow(InvalidRequestError);
    await expect(loading).rejects.toThrow(
      `kind ${kind} belongs to service ${kind.split('-')[0]}, which this function does not know; deploy the stack again with one version of this library`,
    );
  });
});
