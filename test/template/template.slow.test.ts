import { join } from 'node:path';
import { DEFAULT_ENVIRONMENT } from '../../emulator/core/environment';
import { scriptOf } from '../../emulator/simulation/scenarios';
import { planOf, simulationOf } from '../../emulator/simulation/service-simulation';
import { CONTRACT_VERSION } from '../../lib/contract/cancellation';
import { kindDefinition, sampleIdentifiers } from '../../lib/deployments/kinds';
import { renderTemplate } from '../../template/render';
import { parameterOf, TEMPLATE_KINDS, templateIdentifiers } from '../../template/stack';
import { EmulatorFixture } from '../emulator/emulator-fixture';
import { codesOf, readPage } from '../helpers/documents';

const template = renderTemplate();

test('its functions are where the parameters say, and nothing is of a bootstrapped account', () => {
  const functions = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
  expect(functions.length).toBeGreaterThan(0);
  for (const { Properties } of functions) {
    expect(Properties?.Code).toEqual({ S3Bucket: { Ref: 'CodeBucket' }, S3Key: { Ref: 'CodeKey' } });
  }
  expect(JSON.stringify(template)).not.toMatch(/cdk-|BootstrapVersion|aws:asset|aws:cdk/);
});

test('has the parameters that its page names', () => {
  const named = [...readPage('docs/template.md').matchAll(/^\| `.+` \| .+ \|$/gm)].flatMap(([row]) =>
    codesOf(row.split(' | ')[0] ?? ''),
  );
  expect(named.sort()).toEqual(Object.keys(template.Parameters ?? {}).sort());
});

test('has the size that CloudFormation accepts without a bucket', () => {
  expect(JSON.stringify(template).length).toBeLessThan(51_200);
});

const CODE = { CodeBucket: 'releases', CodeKey: 'functions.zip' };

/** Creates the stack, and cancels the deployment of a kind with an execution. */
async function cancelWith(kind: (typeof TEMPLATE_KINDS)[number], parameters: Readonly<Record<string, string>>) {
  const identifiers = sampleIdentifiers(kind);
  const { target } = planOf({ kind, identifiers }, scriptOf('cancelled'), DEFAULT_ENVIRONMENT);
  const fixture = await EmulatorFixture.start({
    seed: {},
    ...simulationOf(kind).account([target], DEFAULT_ENVIRONMENT),
    assembly: {
      pathOf: () => join(__dirname, '../../dist/lambda'),
      templateAt: (url) => {
        throw new Error(`there is no nested template ${url}`);
      },
    },
  });
  const stack = await fixture.create({ stackName: 'Workflow', template, parameters: { ...CODE, ...parameters } });
  const stateMachineArn = stack.outputs.find(({ key }) => key === 'StateMachineArn')?.value ?? '';
  const input = {
    contractVersion: CONTRACT_VERSION,
    deployment: { kind, identifiers },
    settings: { timeoutSeconds: 300 },
  };
  const execution = fixture.emulator.stepFunctions.startExecution({ stateMachineArn, input: JSON.stringify(input) });
  await fixture.pass(600);
  return {
    stack,
    execution,
    requests: fixture.emulator.simulatedServices.flatMap(({ acceptedCancels }) => acceptedCancels),
  };
}

describe.each(TEMPLATE_KINDS)('%s', (kind) => {
  const names = templateIdentifiers(kind);
  const parameters = Object.fromEntries(
    names.map((name) => [parameterOf(kind, name), kindDefinition(kind).identifiers[name]?.sample ?? '']),
  );

  test('has a parameter for each name, which is empty by default', () => {
    for (const name of Object.keys(parameters)) expect(template.Parameters[name]).toMatchObject({ Default: '' });
  });

  test('is cancelled if the parameters name it', async () => {
    const { stack, execution, requests } = await cancelWith(kind, parameters);
    expect(stack.status).toBe('CREATE_COMPLETE');
    expect(execution.status).toBe('SUCCEEDED');
    expect(requests).toHaveLength(1);
  });

  test('is not allowed to be cancelled if they do not', async () => {
    const { stack, execution, requests } = await cancelWith(kind, {});
    expect(stack.status).toBe('CREATE_COMPLETE');
    // Elastic Beanstalk leaves out what the caller may not read.
    const error = kind === 'elasticbeanstalk-environment-update' ? 'NOT_FOUND' : 'ACCESS_DENIED';
    expect({ status: execution.status, error: execution.error }).toEqual({ status: 'FAILED', error });
    expect(requests).toEqual([]);
  });
});
