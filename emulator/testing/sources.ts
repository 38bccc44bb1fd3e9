import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Stack, Stage } from 'aws-cdk-lib';
import { ArtifactMetadataEntryType } from 'aws-cdk-lib/cloud-assembly-schema';
import { CloudAssembly, CloudFormationStackArtifact, UNKNOWN_ACCOUNT, UNKNOWN_REGION } from 'aws-cdk-lib/cx-api';
import { isRecord } from '../aws/cloudformation/template';
import { type AwsEnvironment, DEFAULT_ENVIRONMENT, partitionOf } from '../core/environment';
import { Assembly, type Assets, type SynthesizedStack } from '../simulation/assembly';
import type { Simulatable } from './index';

/** Synthesized stacks, with their assets. */
export interface Source {
  /** In the order of their deployment. */
  readonly stacks: readonly SynthesizedStack[];
  readonly assets: Assets;
  readonly environments: readonly StackEnvironment[];
  readonly resources: readonly ResourcePath[];
}

/** The account and the region of a stack; undefined if they are not fixed. */
interface StackEnvironment extends Partial<Pick<AwsEnvironment, 'account' | 'region'>> {
  readonly stackName: string;
}

/** The path of a resource in its app. */
export interface ResourcePath {
  readonly stackName: string;
  readonly logicalId: string;
  readonly path: string;
}

/** @param alone whether to leave out the dependencies of a stack */
export function sourceOf(what: Simulatable, { alone = false } = {}): Source {
  const cloudAssembly = assemblyOf(what);
  // Functions are run by other threads.
  const directory = resolve(cloudAssembly.directory);
  const artifacts = stacksOf(what, cloudAssembly, alone).filter(hasResources);
  if (artifacts.length === 0) {
    const stages = cloudAssembly.nestedAssemblies.map(({ displayName }) => displayName);
    const hint = stages.length > 0 ? `; simulate one of its stages, ${stages.join(', ')}` : '';
    throw new Error(`there is no stack with resources to simulate in ${directory}${hint}`);
  }
  const assembly = new Assembly(directory);
  const ids = new Set(artifacts.map(({ id }) => id));
  return {
    stacks: assembly.stacks.filter(({ id }) => ids.has(id)),
    assets: assembly,
    environments: artifacts.map(({ stackName, environment: { account, region } }) => ({
      stackName,
      ...(account !== UNKNOWN_ACCOUNT && { account }),
      ...(region !== UNKNOWN_REGION && { region }),
    })),
    resources: artifacts.flatMap((artifact) =>
      artifact.findMetadataByType(ArtifactMetadataEntryType.LOGICAL_ID).map(({ path, data }) => ({
        stackName: artifact.stackName,
        logicalId: String(data),
        path: path.replace(/^\//, ''),
      })),
    ),
  };
}

/** CloudFormation does not accept a template without resources, and the CDK CLI does not deploy it. */
function hasResources({ template }: CloudFormationStackArtifact): boolean {
  return isRecord(template.Resources) && Object.keys(template.Resources).length > 0;
}

function assemblyOf(what: Simulatable): CloudAssembly {
  if (typeof what === 'string') {
    if (existsSync(join(what, 'manifest.json'))) return new CloudAssembly(what);
    throw new Error(
      `${resolve(what)} is not the directory of a cloud assembly: it has no manifest.json; cdk synth creates it`,
    );
  }
  if (Stage.isStage(what)) return what.synth();
  const stage = Stack.isStack(what) ? Stage.of(what) : undefined;
  if (stage) return stage.synth();
  throw new Error('only an app, a stage, a stack of an app, or the directory of a cloud assembly can be simulated');
}

function stacksOf(what: Simulatable, { stacks }: CloudAssembly, alone: boolean): CloudFormationStackArtifact[] {
  if (!Stack.isStack(what)) return stacks;
  const found = stacks.filter(({ id }) => id === what.artifactId);
  if (found.length === 0) {
    throw new Error(`${what.node.path} is not deployed by itself; simulate the stack that it is nested in`);
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

/** The one account and region of all stacks. Stacks without an account or a region fit every one. */
export function environmentOf(sources: readonly Source[]): AwsEnvironment {
  const environments = sources.flatMap((source) => source.environments);
  const only = (name: 'account' | 'region') => {
    const stacks = new Map<string, string[]>();
    for (const environment of environments) {
      const value = environment[name];
      if (value !== undefined) stacks.set(value, [...(stacks.get(value) ?? []), environment.stackName]);
    }
    if (stacks.size > 1) {
      const found = [...stacks].map(([value, names]) => `${[...new Set(names)].join(', ')} in ${value}`).join(' and ');
      throw new Error(`a simulation has one ${name}, but there is ${found}; simulate these stacks one after the other`);
    }
    const [value = DEFAULT_ENVIRONMENT[name]] = stacks.keys();
    return value;
  };
  const region = only('region');
  return { partition: partitionOf(region), region, account: only('account') };
}

/** The assets of several sources. */
export function mergeAssets(sources: readonly Source[]): Assets {
  const find = <T>(read: (assets: Assets) => T): T => {
    let firstError: unknown;
    for (const { assets } of sources) {
      try {
        return read(assets);
      } catch (error) {
        firstError ??= error;
      }
    }
    throw firstError;
  };
  return {
    pathOf: (key) => find((assets) => assets.pathOf(key)),
    templateAt: (url) => find((assets) => assets.templateAt(url)),
  };
}

/** The paths of constructs, by the stack and the logical ID of their resources. */
export class ConstructPaths {
  constructor(private readonly resources: readonly ResourcePath[]) {}

  /** The path of the construct of a resource, or its logical ID if there is no metadata. */
  of(stackName: string, logicalId: string): string {
    const candidates = this.resources.filter((resource) => resource.logicalId === logicalId);
    // The name of a nested stack is generated, and its resources have the name of the root.
    const found = candidates.find((resource) => resource.stackName === stackName) ?? candidates[0];
    return found?.path.replace(/(\/Resource)?(\/Default)?$/, '') ?? logicalId;
  }
}
