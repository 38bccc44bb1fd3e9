import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AssetManifestArtifact, CloudAssembly } from 'aws-cdk-lib/cx-api';

/** A stack as it was synthesised. */
export interface SynthesizedStack {
  /** Its name in the app. */
  readonly id: string;
  readonly stackName: string;
  readonly template: unknown;
  /** Values of its parameters. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** The files that templates refer to. */
export type Assets = Pick<Assembly, 'pathOf' | 'templateAt'>;

/** What `cdk synth` has written: the templates, and the files that they refer to. */
export class Assembly {
  /** In the order in which they are to be deployed. */
  readonly stacks: readonly SynthesizedStack[];
  /** The files, by the key under which each would be uploaded. */
  private readonly files = new Map<string, string>();

  constructor(private readonly directory: string) {
    const assembly = new CloudAssembly(directory);
    this.stacks = assembly.stacks.map(({ id, stackName, template }) => ({ id, stackName, template }));
    for (const artifact of assembly.artifacts) {
      if (!(artifact instanceof AssetManifestArtifact)) continue;
      for (const { source, destinations } of Object.values(artifact.contents.files ?? {})) {
        for (const { objectKey } of Object.values(destinations)) {
          if (source.path !== undefined) this.files.set(objectKey, join(directory, source.path));
        }
      }
    }
  }

  /** What the asset of that key is made of: a file, or the directory that a zip is packed from. */
  pathOf(key: string): string {
    const path = this.files.get(key);
    if (path === undefined)
      throw new Error(`the assembly in ${this.directory} has no asset ${key}; synthesise it again`);
    return path;
  }

  /** Those of all stacks, nested ones included. */
  get templates(): readonly unknown[] {
    const nested = [...this.files].filter(([, path]) => path.endsWith('.nested.template.json'));
    return [...this.stacks.map(({ template }) => template), ...nested.map(([key]) => this.templateAt(key))];
  }

  /** The template of a nested stack, by the URL at which it would have been uploaded. */
  templateAt(url: string): unknown {
    return JSON.parse(readFileSync(this.pathOf(url.slice(url.lastIndexOf('/') + 1)), 'utf8'));
  }
}
