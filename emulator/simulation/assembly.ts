import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AssetManifestArtifact, CloudAssembly } from 'aws-cdk-lib/cx-api';

/** A synthesized stack. */
export interface SynthesizedStack {
  /** Its ID in the app. */
  readonly id: string;
  readonly stackName: string;
  readonly template: unknown;
  /** The values of its tags, by their keys. */
  readonly tags?: Readonly<Record<string, string>>;
  /** The values of its parameters. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** The assets that templates refer to. */
export type Assets = Pick<Assembly, 'pathOf' | 'templateAt'>;

/** The assets of an emulator without an app. */
export const NO_ASSETS: Assets = {
  pathOf: (key) => {
    throw new Error(`there is no asset ${key} without an app`);
  },
  templateAt: (url) => {
    throw new Error(`there is no template ${url} without an app`);
  },
};

/** The output of `cdk synth`: the templates, and their assets. */
export class Assembly {
  /** The stacks in the order of their deployment. */
  readonly stacks: readonly SynthesizedStack[];
  /** The assets by their keys. */
  private readonly files = new Map<string, string>();

  constructor(private readonly directory: string) {
    const assembly = new CloudAssembly(directory);
    this.stacks = assembly.stacks.map(({ id, stackName, template, tags }) => ({ id, stackName, template, tags }));
    for (const artifact of assembly.artifacts) {
      if (!(artifact instanceof AssetManifestArtifact)) continue;
      for (const { source, destinations } of Object.values(artifact.contents.files ?? {})) {
        for (const { objectKey } of Object.values(destinations)) {
          if (source.path !== undefined) this.files.set(objectKey, join(directory, source.path));
        }
      }
    }
  }

  /** The path of an asset: a file, or the directory of a zip. */
  pathOf(key: string): string {
    const path = this.files.get(key);
    if (path === undefined)
      throw new Error(`the assembly in ${this.directory} has no asset ${key}; synthesize it again`);
    return path;
  }

  /** The templates of all stacks, including nested stacks. */
  get templates(): readonly unknown[] {
    const nested = [...this.files].filter(([, path]) => path.endsWith('.nested.template.json'));
    return [...this.stacks.map(({ template }) => template), ...nested.map(([key]) => this.templateAt(key))];
  }

  /** The template of a nested stack, by the URL that it would be uploaded to. */
  templateAt(url: string): unknown {
    return JSON.parse(readFileSync(this.pathOf(url.slice(url.lastIndexOf('/') + 1)), 'utf8'));
  }
}
