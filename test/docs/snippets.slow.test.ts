import { join } from 'node:path';
import * as ts from 'typescript';
import { blocksOf, MANUAL, readPage } from '../helpers/documents';

const ROOT = join(__dirname, '../..');

/** The TypeScript blocks of the pages, by names of files beside the pages. Each block is a whole file. */
const SNIPPETS = MANUAL.flatMap((page) =>
  blocksOf(readPage(page))
    .filter(({ language }) => language === 'ts')
    .map(({ code }, index) => [`${page.replace(/\.md$/, '')}-${index + 1}.ts`, code] as const),
);

/** Compiles each snippet as a file that imports the package by its name. */
function problemsOf(snippets: readonly (readonly [name: string, code: string])[]): string[] {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    moduleDetection: ts.ModuleDetectionKind.Force,
    types: ['node'],
    paths: {
      'cdk-deployment-cancellation': [join(ROOT, 'lib/index.ts')],
      'cdk-deployment-cancellation/testing': [join(ROOT, 'emulator/testing/index.ts')],
    },
  };
  const files = new Map(snippets.map(([name, code]) => [join(ROOT, name), code]));
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
  return snippets.flatMap(([name]) => {
    const source = program.getSourceFile(join(ROOT, name));
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ messageText }) => `${name}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
  });
}

test('every snippet of the manual compiles in strict mode, and one that does not is found', () => {
  expect(SNIPPETS.length).toBeGreaterThan(10);
  const wrong = ['docs/wrong-1.ts', "import { Nothing } from 'cdk-deployment-cancellation';\nNothing.is();\n"] as const;
  expect(problemsOf([...SNIPPETS, wrong])).toEqual([expect.stringContaining("has no exported member 'Nothing'")]);
}, 120_000);
