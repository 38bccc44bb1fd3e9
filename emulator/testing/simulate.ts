import { VirtualClock } from '../core/clock';
import type { Emulator } from '../emulator';
import type { SynthesizedStack } from '../simulation/assembly';
import type { Operation as SimulationOperation } from '../simulation/operations';
import * as run from '../simulation/run';
import { assetsOf, environmentOf, type Source, sourceOf } from './assemblies';
import { cancellationsOf } from './cancellations';
import { findDeployments } from './find-deployments';
import { functionFaultsOf } from './function-faults';
import type { Operation, Simulatable, SimulationOptions, SimulationResult } from './index';
import { type SimulatedServices, simulatedServicesOf } from './simulated-services';
import { originalType, stubTypes, withStubs } from './stubs';
import { attributesIn, type ReadTemplate, templatesOf } from './templates';

export async function perform(what: Simulatable, options: SimulationOptions): Promise<SimulationResult> {
  const { scenario = 'cancelled', faults = [], functionFaults = [], parameters = {} } = options;
  const stubResourceTypes = new Set(options.stubResourceTypes);
  const base = sourceOf(what);
  const { operations, sources, stacks } = planned(base, options.operations ?? [{ operation: 'create' }]);
  const environment = environmentOf(sources);

  const files = assetsOf(sources);
  const assets = {
    pathOf: files.pathOf,
    templateAt: (url: string) => withStubs(files.templateAt(url), stubResourceTypes),
  };
  const deployed = stacks.map((stack) => prepared(stack, stubResourceTypes, parameters));
  const templates = deployed.flatMap(({ stackName, template }) =>
    templatesOf(stackName, template, { environment, assets, parameters }),
  );
  // What a name is may depend on what is inert, so that types that are not known come first.
  let worlds: SimulatedServices = { seed: {}, services: [], faults: [] };
  let problem: unknown;
  try {
    const deployments = options.deployments ?? findDeployments(templates);
    worlds = simulatedServicesOf(
      deployments.map((deployment) => ({ scenario, ...deployment })),
      environment,
    );
  } catch (error) {
    problem = error;
  }

  const clock = new VirtualClock();
  const begin = clock.now();
  const used: { emulator?: Emulator } = {};
  const report = await run.run({
    clock,
    environment,
    assembly: { ...assets, stacks: deployed },
    scenario: { name: 'rehearsal', ...worlds, faults: [...faults, ...worlds.faults] },
    operations,
    types: stubTypes(stubResourceTypes, attributesIn(templates), environment),
    lambdaFaults: functionFaultsOf(functionFaults, () => used.emulator),
    onStart: (emulator) => {
      used.emulator = emulator;
      refuseStrangers(emulator, templates, stubResourceTypes);
      if (problem !== undefined) throw problem;
    },
  });
  const { history } = report;
  return {
    stackStatus: report.stackStatus,
    ...(report.statusReason !== null && { statusReason: report.statusReason }),
    outputs: report.outputs,
    cancellations: cancellationsOf(
      used.emulator?.stepFunctions.executions ?? [],
      sources.flatMap(({ resources }) => resources),
      begin,
    ),
    statuses: of(history, 'deployment'),
    calls: of(history, 'call'),
    stackEvents: of(history, 'resource').map((event) => ({ ...event, resourceType: originalType(event.resourceType) })),
    messages: of(history, 'message').map(({ text }) => text),
    elapsedSeconds: report.elapsedSeconds,
  };
}

/** What is done with which stacks, and where these are from. */
function planned(base: Source, wanted: readonly Operation[]) {
  const sources = [base];
  const stacks: SynthesizedStack[] = [...base.stacks];
  const operations = wanted.flatMap((operation): SimulationOperation[] => {
    if (operation.operation === 'start' || operation.operation === 'publish') return [operation];
    const { operation: name, stack, to, fails } = operation;
    if (to !== undefined && name !== 'update')
      throw new Error(`'to' is what a stack is updated to; ${name} takes none`);
    let source = base;
    if (to !== undefined) {
      const number = sources.length;
      const other = sourceOf(to, { alone: true });
      source = { ...other, stacks: other.stacks.map((each) => ({ ...each, id: `${each.id} (${number})` })) };
      sources.push(source);
      stacks.push(...source.stacks);
    }
    const chosen = named(stack, base, source);
    const ordered = name === 'delete' ? [...chosen].reverse() : chosen;
    return ordered.map(({ id }, index) => ({
      operation: name,
      stack: id,
      fails: fails === true && index === ordered.length - 1,
    }));
  });
  if (!operations.some(({ operation }) => operation in STACK_OPERATIONS)) {
    throw new Error('operations must create a stack; what is started or published comes after that');
  }
  return { operations, sources, stacks };
}

const STACK_OPERATIONS = { create: true, update: true, delete: true } as const;

function named(stack: string | undefined, base: Source, source: Source): readonly SynthesizedStack[] {
  if (stack === undefined) return source.stacks;
  const meant = base.stacks.find(({ id, stackName }) => id === stack || stackName === stack);
  const found = source.stacks.find(({ stackName }) => stackName === meant?.stackName);
  if (found) return [found];
  throw new Error(
    `there is no stack ${stack}; there are ${source.stacks.map(({ stackName }) => stackName).join(', ')}`,
  );
}

function prepared(
  stack: SynthesizedStack,
  stubResourceTypes: ReadonlySet<string>,
  given: Readonly<Record<string, string>>,
): SynthesizedStack {
  const template = withStubs(stack.template, stubResourceTypes);
  const declared = (template as { readonly Parameters?: object }).Parameters ?? {};
  const parameters = Object.fromEntries(Object.entries(given).filter(([name]) => Object.hasOwn(declared, name)));
  return { ...stack, template, parameters };
}

/** What the embedded cloud cannot make is refused before anything is done. */
function refuseStrangers(
  { cloudFormation }: Emulator,
  templates: readonly ReadTemplate[],
  stubResourceTypes: ReadonlySet<string>,
) {
  const embedded = [...stubResourceTypes].filter((type) => !type.startsWith('Custom::') && cloudFormation.knows(type));
  if (embedded.length > 0) {
    throw new Error(`the embedded cloud has ${embedded.join(', ')} itself, so that it cannot be inert; leave it out`);
  }
  const strangers = new Map<string, string[]>();
  for (const { template } of templates) {
    for (const [id, { Type }] of Object.entries(template.Resources)) {
      if (!cloudFormation.knows(Type)) strangers.set(Type, [...(strangers.get(Type) ?? []), id]);
    }
  }
  if (strangers.size === 0) return;
  const found = [...strangers].map(([type, [first]]) => `${type} (${first})`).join(', ');
  const types = [...strangers.keys()].map((type) => `'${type}'`).join(', ');
  throw new Error(`the embedded cloud has no ${found}; if they do not matter here, say so: inert: [${types}]`);
}

/** Those of a kind, without saying so. */
function of<Kind extends run.RunEvent['kind']>(history: readonly run.RunEvent[], kind: Kind) {
  return history
    .filter((event): event is Extract<run.RunEvent, { kind: Kind }> => event.kind === kind)
    .map(({ kind: _, ...event }) => event as Omit<typeof event, 'kind'>);
}
