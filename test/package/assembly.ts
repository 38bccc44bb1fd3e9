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
  /** The member that it overrides, whose documentation it inherits. */
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
  /** The members of an enum. */
  readonly members?: readonly Member[];
}

export interface JsiiAssembly {
  readonly name: string;
  readonly keywords: readonly string[];
  readonly docs: { readonly stability: string };
  readonly types: Readonly<Record<string, Type>>;
}

/** The package as compiled by jsii, in a temporary directory, because jsii writes its output beside the sources. */
export class CompiledPackage {
  private readonly directory = mkdtempSync(join(tmpdir(), 'assembly-'));
  readonly assembly: JsiiAssembly;

  constructor() {
    for (const file of ['lib', 'package.json', 'tsconfig.jsii.json', 'README.md', 'LICENSE']) {
      cpSync(join(ROOT, file), join(this.directory, file), {
        recursive: true,
        filter: (path) => !/\.(js|d\.ts)$/.test(path),
      });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(this.directory, 'node_modules'));
    // Reserved words are warnings. The peers are tested with more than their lowest version on purpose.
    this.run('jsii/bin/jsii', '--fail-on-warnings', '--silence-warnings', 'metadata/missing-dev-dependency');
    this.assembly = JSON.parse(readFileSync(join(this.directory, '.jsii'), 'utf8'));
  }

  /** Generates the sources of the package in these languages, and returns the directory with one directory for each. */
  generate(languages: readonly string[]): string {
    const out = join(this.directory, 'generated');
    // Our scripts must not run.
    const pack = ['--pack-command', 'npm pack --ignore-scripts'];
    const targets = languages.flatMap((language) => ['--target', language]);
    this.run('jsii-pacmak/bin/jsii-pacmak', '--code-only', ...targets, '--outdir', out, ...pack);
    return out;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  private run(script: string, ...args: readonly string[]): void {
    const env = { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '1' };
    const command = [join(ROOT, 'node_modules', script), ...args];
    execFileSync(process.execPath, command, { cwd: this.directory, env, encoding: 'utf8', stdio: 'pipe' });
  }
}
