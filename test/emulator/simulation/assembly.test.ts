import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnResource, NestedStack, Stack } from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Assembly, type SynthesizedStack } from '../../../emulator/simulation/assembly';

const outdir = mkdtempSync(join(tmpdir(), 'cdk.out-'));
afterAll(() => rmSync(outdir, { recursive: true }));

let assembly: Assembly;

beforeAll(() => {
  const app = new App({ outdir });
  const last = new Stack(app, 'Last', { stackName: 'web-last' });
  const first = new Stack(app, 'First');
  last.addStackDependency(first);
  new LambdaFunction(first, 'Function', {
    runtime: Runtime.NODEJS_20_X,
    handler: 'assembly.test.handler',
    code: Code.fromAsset(__dirname),
  });
  const nested = new NestedStack(last, 'Nested');
  new CfnResource(nested, 'Inner', { type: 'Test::Inner' });
  app.synth();
  assembly = new Assembly(outdir);
});

type Resources = Record<string, { Type: string; Properties: Record<string, unknown> }>;

function propertiesOf(stack: number, type: string): Record<string, unknown> {
  const { Resources } = (assembly.stacks[stack] as SynthesizedStack).template as { Resources: Resources };
  return Object.values(Resources).find(({ Type }) => Type === type)?.Properties ?? {};
}

test('has the stacks in the order of their deployment, with their stack names', () => {
  expect(assembly.stacks.map(({ stackName }) => stackName)).toEqual(['First', 'web-last']);
});

test('finds the directory of a function by the key in the template', () => {
  const { S3Key } = propertiesOf(0, 'AWS::Lambda::Function').Code as { S3Key: string };
  const path = assembly.pathOf(S3Key);
  expect(path.startsWith(outdir)).toBe(true);
  expect(existsSync(join(path, 'assembly.test.ts'))).toBe(true);
});

test('finds the template of a nested stack by the URL in its parent', () => {
  const parts = propertiesOf(1, 'AWS::CloudFormation::Stack').TemplateURL as { 'Fn::Join': [string, unknown[]] };
  const [, url] = parts['Fn::Join'];
  expect(assembly.templateAt(`https://s3.us-east-1.example/bucket${url.at(-1)}`)).toMatchObject({
    Resources: { Inner: { Type: 'Test::Inner' } },
  });
});

test('names an asset that does not exist', () => {
  expect(() => assembly.pathOf('gone.zip')).toThrow(
    `the assembly in ${outdir} has no asset gone.zip; synthesize it again`,
  );
});
