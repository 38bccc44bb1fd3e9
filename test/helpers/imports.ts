import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';

/** An import of a file. */
export interface Import {
  /** The path of a file in the repository, or `package:` and the specifier of a package. */
  readonly target: string;
  /** Whether the import disappears when it is compiled. */
  readonly isTypeOnly: boolean;
}

/** The imports of each file, by its path in the repository. */
export type ImportGraph = ReadonlyMap<string, readonly Import[]>;

/** A rule about the files whose path matches `files`. */
export interface ImportRule {
  readonly files: RegExp;
  /** The exceptions among `files`. */
  readonly except?: RegExp;
  /** The files and packages that they may import. */
  readonly mayImport: readonly RegExp[];
}

/** The mark of a package in `Import.target`. */
const PACKAGE = 'package:';

/**
 * Reads the imports of all TypeScript files in folders.
 *
 * @throws if an imported file does not exist
 */
export function readImports(root: string, folders: readonly string[]): ImportGraph {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
      .map((name) => join(folder, name)),
  );
  return new Map(
    files.map((file) => [
      file,
      parseImports(readFileSync(join(root, file), 'utf8')).map(({ target, isTypeOnly }) => ({
        target: target.startsWith('.') ? resolveFile(root, file, target) : `${PACKAGE}${target}`,
        isTypeOnly,
      })),
    ]),
  );
}

/** The specifiers that a file imports, in all forms that TypeScript has. */
export function parseImports(text: string): Import[] {
  const imports: Import[] = [];
  const add = (specifier: ts.Node | undefined, isTypeOnly: boolean) => {
    if (specifier && ts.isStringLiteralLike(specifier)) imports.push({ target: specifier.text, isTypeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeImport(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, isTypeExport(node));
    else if (ts.isExternalModuleReference(node)) add(node.expression, false);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && isImportCall(node)) add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('file.ts', text, ts.ScriptTarget.Latest, true));
  return imports;
}

/** Returns the imports that break a rule, as `file imports target`. */
export function findViolations(graph: ImportGraph, rules: readonly ImportRule[]): string[] {
  return [...graph].flatMap(([file, imports]) =>
    rules
      .filter(({ files, except }) => files.test(file) && !except?.test(file))
      .flatMap(({ mayImport }) => imports.filter(({ target }) => !mayImport.some((allowed) => allowed.test(target))))
      .map(({ target }) => `${file} imports ${target}`),
  );
}

/** Returns the cycles of imports that remain when the files are compiled, each as `a → b → a`. */
export function findCycles(graph: ImportGraph): string[] {
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) cycles.push([...path.slice(start), file].join(' → '));
    if (start >= 0 || done.has(file)) return;
    for (const { target, isTypeOnly } of graph.get(file) ?? []) if (!isTypeOnly) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return cycles;
}

function resolveFile(root: string, file: string, specifier: string): string {
  const path = normalize(join(dirname(file), specifier));
  // An import of the compiled name is of the TypeScript file.
  const candidates = [path, path.replace(/\.js$/, '.ts'), `${path}.ts`, `${path}/index.ts`];
  const found = candidates.find((name) => /\.\w+$/.test(name) && existsSync(join(root, name)));
  if (!found) throw new Error(`${file} imports ${specifier}, which does not exist`);
  return found;
}

function isTypeImport(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const { name, namedBindings } = clause;
  return !name && !!namedBindings && ts.isNamedImports(namedBindings) && isTypeList(namedBindings.elements);
}

function isTypeExport({ isTypeOnly, exportClause }: ts.ExportDeclaration): boolean {
  return isTypeOnly || (!!exportClause && ts.isNamedExports(exportClause) && isTypeList(exportClause.elements));
}

function isTypeList(elements: readonly (ts.ImportSpecifier | ts.ExportSpecifier)[]): boolean {
  return elements.length > 0 && elements.every(({ isTypeOnly }) => isTypeOnly);
}

function isImportCall({ expression }: ts.CallExpression): boolean {
  if (expression.kind === ts.SyntaxKind.ImportKeyword) return true;
  return ts.isIdentifier(expression) && expression.text === 'require';
}
