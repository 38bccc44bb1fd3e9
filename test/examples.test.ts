import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { recommendedFlags } from './helpers/template';

const EXAMPLES = join(__dirname, '..', 'examples');
const names = readdirSync(EXAMPLES).map((file) => file.replace(/\.ts$/, ''));

// As the CDK CLI would: with the context of cdk.json.
beforeAll(() => {
  process.env.CDK_CONTEXT_JSON = JSON.stringify(recommendedFlags());
});
afterAll(() => {
  delete process.env.CDK_CONTEXT_JSON;
});

test('there are examples', () => {
  expect(names.length).toBeGreaterThan(0);
});

describe.each(names)('examples/%s.ts', (name) => {
  test('says in its first line how to run it', () => {
    const [first] = readFileSync(join(EXAMPLES, `${name}.ts`), 'utf8').split('\n');
    expect(first).toBe(`// npx cdk synth --app "npx tsx examples/${name}.ts"`);
  });

  test('synthesises, without a warning, stacks of which one holds the workflow', () => {
    const { app }: { app: App } = require(join(EXAMPLES, name));
    const { stacksRecursively } = app.synth();
    expect(stacksRecursively.flatMap(({ messages }) => messages.map(({ entry }) => entry.data))).toEqual([]);
    const machines = stacksRecursively
      .flatMap(({ template }) => Object.keys(template.Resources))
      .filter((id) => id.startsWith('DeploymentCancellationWorkflowStateMachine'));
    expect(machines).toContain('DeploymentCancellationWorkflowStateMachineCCA2B105');
  });
});
