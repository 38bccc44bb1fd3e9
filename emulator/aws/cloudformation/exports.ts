import { validationError } from './errors';
import type { Output } from './plan';

interface Published {
  readonly stackName: string;
  readonly outputs: readonly Output[];
  readonly imports: ReadonlySet<string>;
}

/** The outputs and exports of stacks, and the stacks that import them. */
export class Exports {
  private readonly stacks = new Map<string, Published>();

  /** The value of `Fn::ImportValue`. */
  value(name: string): string {
    for (const { outputs } of this.stacks.values()) {
      const found = outputs.find(({ exportName }) => exportName === name);
      if (found) return found.value;
    }
    throw validationError(`No export named ${name} found.`);
  }

  /** The value of `Fn::GetStackOutput`. */
  output(stackName: string, outputName: string): string {
    const stack = [...this.stacks.values()].find((candidate) => candidate.stackName === stackName);
    if (!stack) throw validationError(`Stack [${stackName}] does not exist`);
    const output = stack.outputs.find(({ key }) => key === outputName);
    if (output) return output.value;
    throw validationError(`Stack [${stackName}] has no output ${outputName}`);
  }

  /** Replaces the exports of a stack. Throws if they are not allowed. */
  publish(stackId: string, published: Published): void {
    for (const { key, value, exportName } of published.outputs) {
      if (exportName === undefined) continue;
      if (value.trim() === '') {
        throw validationError(`Cannot export output ${key}. Exported values must not be empty or whitespace-only.`);
      }
      const owner = this.others(stackId).find(({ outputs }) =>
        outputs.some((output) => output.exportName === exportName),
      );
      if (owner) {
        throw validationError(`Export with name ${exportName} is already exported by stack ${owner.stackName}.`);
      }
    }
    this.refuseInUse(stackId, published.outputs);
    this.stacks.set(stackId, published);
  }

  /** Restores the exports of a stack from before a failed update. */
  restore(stackId: string, published: Published): void {
    this.stacks.set(stackId, published);
  }

  /** Removes the exports of a stack. Throws if another stack imports one. */
  withdraw(stackId: string): void {
    this.refuseInUse(stackId, []);
    this.stacks.delete(stackId);
  }

  private refuseInUse(stackId: string, next: readonly Output[]): void {
    for (const { exportName, value } of this.stacks.get(stackId)?.outputs ?? []) {
      if (exportName === undefined) continue;
      const successor = next.find((output) => output.exportName === exportName);
      if (successor?.value === value) continue;
      const users = this.others(stackId).filter(({ imports }) => imports.has(exportName));
      if (users.length === 0) continue;
      const change = successor ? 'updated' : 'deleted';
      const names = users.map(({ stackName }) => stackName).join(', ');
      throw validationError(`Export ${exportName} cannot be ${change} as it is in use by ${names}`);
    }
  }

  private others(stackId: string): Published[] {
    return [...this.stacks].filter(([id]) => id !== stackId).map(([, published]) => published);
  }
}
