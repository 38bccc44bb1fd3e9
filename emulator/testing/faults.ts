import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { LambdaFaults } from '../aws/lambda/function';
import type { Emulator } from '../emulator';
import { counter, type FaultRule, isWithin } from '../simulation/faults';
import type { CallFault, FunctionFault } from './index';

/** The functions of the workflow, by the names of their handlers. */
const FUNCTIONS: readonly FunctionFault['function'][] = ['cloudformation', 'deployment'];

const CALL_FAULTS: readonly CallFault['fault']['kind'][] = [
  'error',
  'reset',
  'lost-answer',
  'half-answer',
  'page',
  'hang',
];
const FUNCTION_FAULTS: readonly FunctionFault['fault']['kind'][] = ['throttle', 'crash', 'timeout'];

/** The faults of the options of a simulation, which start counting now. */
export class OptionFaults {
  private readonly matched = new Set<object>();
  private readonly next = counter();
  private emulator?: Emulator;

  constructor(
    private readonly faults: readonly CallFault[],
    private readonly functionFaults: readonly FunctionFault[],
  ) {
    for (const { function: name, fault, from, to } of functionFaults) {
      checkName(name, FUNCTIONS, 'function of the workflow');
      checkName(fault.kind, FUNCTION_FAULTS, `fault of the function ${name}`);
      checkBounds({ from, to }, `the function ${name}`);
    }
    for (const { service, fault, from, to } of faults) {
      checkName(fault.kind, CALL_FAULTS, `fault of the calls of ${service}`);
      checkBounds({ from, to }, `the calls of ${service}`);
    }
  }

  /** @throws if a rule names a service or an operation that the emulator does not have */
  start(emulator: Emulator): void {
    this.emulator = emulator;
    const { operationNames } = emulator;
    for (const { service, operation } of this.faults) {
      checkName(service, Object.keys(operationNames), 'service with faults');
      if (operation !== undefined) checkName(operation, operationNames[service] ?? [], `operation of ${service}`);
    }
  }

  readonly onFault = (rule: FaultRule): void => {
    this.matched.add(rule);
  };

  readonly lambdaFaults: LambdaFaults = ({ functionName }) => {
    const name = this.workflowFunction(functionName);
    if (name === undefined) return undefined;
    const count = this.next(name);
    const rule = this.functionFaults.find((candidate) => candidate.function === name && isWithin(candidate, count));
    if (rule) this.matched.add(rule);
    return rule?.fault;
  };

  /** @throws if a rule matched nothing and is not optional */
  end(): void {
    const rule = [...this.faults, ...this.functionFaults].find(
      (candidate) => candidate.optional !== true && !this.matched.has(candidate),
    );
    if (rule === undefined) return;
    throw new Error(
      `the fault of ${describe(rule)} matched nothing: correct it, or add optional: true if the simulation may succeed without it`,
    );
  }

  private workflowFunction(functionName: string): FunctionFault['function'] | undefined {
    const found = this.emulator?.lambda.functions.find(
      ({ configuration }) => configuration.functionName === functionName,
    );
    if (found === undefined || !isWorkflowCode(found.configuration.codeDirectory)) return undefined;
    return FUNCTIONS.find((name) => found.configuration.handler === `${name}.handler`);
  }
}

/** Whether a directory has the code of the functions of the workflow. */
export function isWorkflowCode(directory: string): boolean {
  return FUNCTIONS.every((name) => existsSync(join(directory, `${name}.mjs`)));
}

/** @throws if a name is not one of those that exist */
export function checkName(name: string, names: readonly string[], noun: string): void {
  if (!names.includes(name))
    throw new Error(`there is no ${noun} '${name}'; there are ${[...names].sort().join(', ')}`);
}

function checkBounds({ from = 1, to }: Pick<CallFault, 'from' | 'to'>, what: string): void {
  if (Number.isInteger(from) && from >= 1 && (to === undefined || (Number.isInteger(to) && to >= from))) return;
  throw new Error(`a fault of ${what} must have whole numbers with 1 <= from <= to, not ${from} and ${to}`);
}

function describe(rule: CallFault | FunctionFault): string {
  const { from = 1, to } = rule;
  const calls = 'function' in rule ? `the function ${rule.function}` : `${rule.service}:${rule.operation ?? '*'}`;
  return `${calls}, from ${from} to ${to ?? 'the end'},`;
}
