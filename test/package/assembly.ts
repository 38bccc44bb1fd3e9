import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

export interface Docs {
  readonly summary?: string;
  readonly default?: string;
}

export interface Parameter {
  readonly name: string;
  readonly docs?: Docs;
  readonly type: { readonly fqn?: string };
}

export interface Member {
  readonly name?: string;
  readonly docs?: Docs;
  readonly optional?: boolean;
  readonly static?: boolean;
  readonly immutable?: boolean;
  readonly parameters?: readonly Parameter[];
  /** What it overrides, from which its documents are inherited. */
  readonly overrides?: string;
}

export interface Type {
  readonly name: string;
  readonly kind: 'class' | 'enum' | 'interface';
  readonly datatype?: boolean;
  readonly abstract?: boolean;
  readonly docs?: Docs;
  readonly initializer?: Member;
  readonly methods?: readonly Member[];
  readonly properties?: readonly Member[];
  /** Of an enum. */
  readonly members?: readonly Member[];
}

export interface JsiiAssembly {
  readonly name: string;
  readonly keywords: readonly string[];
  readonly docs: { readonly stability: string };
  readonly types: Readonly<Record<string, Type>>;
}

/** The package as jsii compiles it, in a place of its own: beside the source, the output would stay behind. */
export class CompiledPackage {
  private readonly place = mkdtempSync(join(tmpdir(), 'assembly-'));
  readonly assembly: JsiiAssembly;

  constructor() {
    for (const file of ['lib', 'package.json', 'tsconfig.jsii.json', 'README.md', 'LICENSE']) {
      cpSync(join(ROOT, file), join(this.place, file), {
        recursive: true,
        filter: (path) => !/\.(js|d\.ts)$/.test(path),
      });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(this.place, 'node_modules'));
    // A reserved word is a warning. That the peers are tested at more than their lowest version is on purpose.
    this.run('jsii/bin/jsii', '--fail-on-warnings', '--silence-warnings', 'metadata/missing-dev-dependency');
    this.assembly = JSON.parse(readFileSync(join(this.place, '.jsii'), 'utf8'));
  }

  /** Generates the sources of the package in these languages, and gives the directory that has one for each of them. */
  generate(languages: readonly string[]): string {
    const out = join(this.place, 'generated');
    // No script of ours is to run while it packs.
    const pack = ['--pack-command', 'npm pack --ignore-scripts'];
    const targets = languages.flatMap((language) => ['--target', language]);
    this.run('jsii-pacmak/bin/jsii-pacmak', '--code-only', ...targets, '--outdir', out, ...pack);
    return out;
  }

  remove(): void {
    rmSync(this.place, { recursive: true, force: true });
  }

  private run(script: string, ...args: readonly string[]): void {
    const env = { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '1' };
    const command = [join(ROOT, 'node_modules', script), ...args];
    execFileSync(process.execPath, command, { cwd: this.place, env, encoding: 'utf8', stdio: 'pipe' });
  }
}
