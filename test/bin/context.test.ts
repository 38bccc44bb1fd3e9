import { contextNames, parseContext } from '../../bin/context';

const contextOf = (values: Readonly<Record<string, string>>) =>
  parseContext((name) => ({ kind: 'cloudformation-stack-update', stackName: 'web', ...values })[name]);

test('an option that is a choice or a list is a text of the context', () => {
  const { deployment, names } = contextOf({
    onRollbackFailed: 'continue',
    resourcesToSkip: 'A,B.C',
    deleteOnCreate: 'true',
  });
  expect(deployment._toContract().options).toEqual({
    onRollbackFailed: 'continue',
    resourcesToSkip: ['A', 'B.C'],
    deleteOnCreate: true,
  });
  expect(names).toEqual(contextNames('cloudformation-stack-update'));
  expect(names).toEqual(expect.arrayContaining(['onRollbackFailed', 'resourcesToSkip', 'deleteOnCreate']));
});

test.each([
  [{ deleteOnCreate: 'yes' }, "context deleteOnCreate must be true or false, not 'yes': pass -c deleteOnCreate=true"],
  [{ onRollbackFailed: 'retry' }, 'onRollbackFailed must be one of fail, continue, not "retry"'],
  [{ resourcesToSkip: 'A' }, 'resourcesToSkip takes effect only with onRollbackFailed continue'],
])('%j is refused', (values, message) => {
  expect(() => contextOf(values as unknown as Record<string, string>)).toThrow(message);
});
