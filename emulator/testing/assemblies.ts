import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Stack, Stage } from 'aws-cdk-lib';
import { ArtifactMetadataEntryType } from 'aws-cdk-lib/cloud-assembly-schema';
import { CloudAssembly, CloudFormationStackArtifact, UNKNOWN_ACCOUNT, UNKNOWN_REGION } from 'aws-cdk-lib/cx-api';
import { type AwsEnvironment, DEFAULT_ENVIRONMENT } from '../core/environment';
import { Assembly, type Assets, type SynthesizedStack } from '../simulation/assembly';
import type { Simulatable } from './index';

/** What was synthesised, and is to be deployed. */
export interface Source {
  /** In the order in which they are to be deployed. */
  readonly stacks: readonly SynthesizedStack[];
  readonly assets: Assets;
  /** The accounts and regions that its stacks name. */
  readonly places: readonly Partial<AwsEnvironment>[];
  readonly resources: readonly ResourcePath[];
}

/** Where in its app a resource was declared. */
export interface ResourcePath {
  readonly stackName: string;
  readonly logicalId: string;
  readonly path: string;
}

/** @param alone leaves out what a stack depends on */
export function sourceOf(what: Simulatable, { alone = false } = {}): Source {
  const cloudAssembly = assemblyOf(what);
  const wanted = stacksOf(what, cloudAssembly, alone);
  // Functions run elsewhere.
  const directory = resolve(cloudAssembly.directory);
  if (wanted.length === 0) {
    const stages = cloudAssembly.nestedAssemblies.map(({ displayName }) => displayName);
    const hint = stages.length > 0 ? `; rehearse one of its stages, ${stages.join(', ')}` : '';
    throw new Error(`there is no stack to rehearse in ${directory}${hint}`);
  }
  const assembly = new Assembly(directory);
  const ids = new Set(wanted.map(({ id }) => id));
  return {
    stacks: assembly.stacks.filter(({ id }) => ids.has(id)),
    assets: assembly,
    places: wanted.map(({ environment: { account, region } }) => ({
      ...(account !== UNKNOWN_ACCOUNT && { account }),
      ...(region !== UNKNOWN_REGION && { region }),
    })),
    resources: wanted.flatMap((stack) =>
      stack.findMetadataByType(ArtifactMetadataEntryType.LOGICAL_ID).map(({ path, data }) => ({
        stackName: stack.stackName,
        logicalId: String(data),
        path: path.replace(/^\//, ''),
      })),
    ),
  };
}

function assemblyOf(what: Simulatable): CloudAssembly {
  if (typeof what === 'string') {
    if (existsSync(join(what, 'manifest.json'))) return new CloudAssembly(what);
    throw new Error(
      `${resolve(what)} is not the directory of a cloud assembly: it has no manifest.json; cdk synth makes it`,
    );
  }
  if (Stage.isStage(what)) return what.synth();
  const stage = Stack.isStack(what) ? Stage.of(what) : undefined;
  if (stage) return stage.synth();
  throw new Error('what is rehearsed must be an app, a stage, a stack of an app, or the directory of a cloud assembly');
}

function stacksOf(what: Simulatable, { stacks }: CloudAssembly, alone: boolean): CloudFormationStackArtifact[] {
  if (!Stack.isStack(what)) return stacks;
  const found = stacks.filter(({ id }) => id === what.artifactId);
  if (found.length === 0) {
    throw new Error(`${what.node.path} is not deployed by itself; rehearse the stack that it is nested in`);
  }
  if (alone) return found;
  const needed = new Set(found);
  for (const stack of needed) {
    for (const dependency of stack.dependencies) {
      if (dependency instanceof CloudFormationStackArtifact) needed.add(dependency);
    }
  }
  return stacks.filter((stack) => needed.has(stack));
}

/** The one account and region in which all of it is; where nothing is said, any will do. */
export function environmentOf(sources: readonly Source[]): AwsEnvironment {
  const places = sources.flatMap((source) => source.places);
  const one = (name: 'account' | 'region') => {
    const [value, ...others] = new Set(places.flatMap((environment) => environment[name] ?? []));
    if (others.length === 0) return value ?? DEFAULT_ENVIRONMENT[name];
    const found = [value, ...others].join(' and ');
    throw new Error(
      `the embedded cloud is in one ${name}, and the stacks are in ${found}; rehearse them one after the other`,
    );
  };
  return { partition: DEFAULT_ENVIRONMENT.partition, account: one('account'), region: one('region') };
}

/** The files of all of them. */
export function assetsOf(sources: readonly Source[]): Assets {
  const first = <T>(read: (assets: Assets) => T): T => {
    let problem: unknown;
    for (const { assets } of sources) {
      try {
        return read(assets);
      } catch (error) {
        problem ??= error;
      }
    }
    throw problem;
  };
  return {
    pathOf: (key) => first((assets) => assets.pathOf(key)),
    templateAt: (url) => first((assets) => assets.templateAt(url)),
  };
}
