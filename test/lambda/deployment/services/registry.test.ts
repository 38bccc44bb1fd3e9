import { loadServices, serviceFor } from '../../../../lambda/deployment/services/registry';
import type { Service } from '../../../../lambda/deployment/services/service';
import { InvalidRequestError } from '../../../../lambda/parse';

const HERE = '/var/task/deployment.js';
const service: Service = { connect: () => ({ driverFor: jest.fn() }) };
const shipped = async () => ({ service });

/** As Node.js says it; test/lambda/bundles.test.ts has it say so itself. */
const notFound = (by: string) =>
  Object.assign(new Error('Cannot find module'), {
    code: 'MODULE_NOT_FOUND',
    requireStack: [by, '/var/runtime/index.mjs'],
  });
const failing = (error: unknown) => () => Promise.reject(error);

describe('the services of a function', () => {
  test('are those whose files are there', async () => {
    const services = await loadServices({ proton: shipped, other: failing(notFound(HERE)) }, HERE);
    expect([...services.keys()]).toEqual(['proton']);
    expect(serviceFor('proton-environment', services)).toBe(service);
    expect(serviceFor('proton-environment-instances', services)).toBe(service);
  });

  test.each([
    ['is there only in part', notFound('/var/task/proton-service.js')],
    ['fails', new TypeError('broken')],
    ['throws what is no error', undefined],
  ])('do not let it pass when one of them %s', async (_what, error) => {
    await expect(loadServices({ other: shipped, proton: failing(error) }, HERE)).rejects.toBe(error);
  });
});

test('a service that is not there is refused with what to do', () => {
  const ask = () => serviceFor('proton-component', new Map([['other', service]]));
  expect(ask).toThrow(InvalidRequestError);
  expect(ask).toThrow(
    'kind proton-component is not in this workflow: declare a deployment of proton in the stack of the workflow, and deploy that stack',
  );
});
