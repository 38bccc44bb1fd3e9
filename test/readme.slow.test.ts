import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';

const ROOT = join(__dirname, '..');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const snippets = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);

/** Compiles each snippet as a file that imports the package by its name. */
function problemsOf(codes: readonly string[]): string[] {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    types: ['node'],
    paths: {
      'cdk-deployment-cancellation': [join(ROOT, 'lib/index.ts')],
      'cdk-deployment-cancellation/testing': [join(ROOT, 'emulator/testing/index.ts')],
    },
  };
  const files = new Map(codes.map((code, index) => [join(ROOT, `readme-${index + 1}.ts`), code]));
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.readFile = (name) => files.get(name) ?? readFile.call(host, name);
  host.fileExists = (name) => files.has(name) || fileExists.call(host, name);
  host.getSourceFile = (name, version, ...others) => {
    const code = files.get(name);
    return code === undefined
      ? getSourceFile.call(host, name, version, ...others)
      : ts.createSourceFile(name, code, version);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files.keys()].flatMap((name) => {
    const source = program.getSourceFile(name);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ messageText }) => `${name}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
  });
}

test('every snippet of the README compiles in strict mode, and one that does not is found', () => {
  expect(snippets.length).toBeGreaterThan(1);
  const wrong = "import { Nothing } from 'cdk-deployment-cancellation';\nNothing.is();\n";
  expect(problemsOf([...snippets, wrong])).toEqual([expect.stringContaining("has no exported member 'Nothing'")]);
}, 60_000);
