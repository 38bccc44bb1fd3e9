import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { isRecord, type Template } from '../aws/cloudformation/template';
import { VirtualClock } from '../core/clock';
import type { Emulator } from '../emulator';
import type { SynthesizedStack } from '../simulation/assembly';
import * as run from '../simulation/run';
import { cancellationsOf } from './cancellations';
import { chooseFunctions, functionsOf, isSupported, refuseUnsupported, stubTypePredicate } from './choices';
import { attributesOf, evaluateStacks } from './evaluation';
import { checkName, OptionFaults } from './faults';
import { findDeployments } from './find-deployments';
import type { Simulatable, SimulationOptions, SimulationResult } from './index';
import { planOperations } from './operations';
import { simulatedServicesOf } from './simulated-services';
import { ConstructPaths, environmentOf, mergeAssets, sourceOf } from './sources';
import { originalType, stubTypes, withStubFunctions, withStubs } from './stubs';

/** The type makes sure that no option is missing. */
const OPTIONS: Readonly<Record<keyof SimulationOptions, true>> = {
  scenario: true,
  deployments: true,
  faults: true,
  functionFaults: true,
  operations: true,
  stubResourceTypes: true,
  stubFunctions: true,
  parameters: true,
  consistency: true,
  quotas: true,
  delivery: true,
};

export async function runSimulation(what: Simulatable, options: SimulationOptions): Promise<SimulationResult> {
  // The compiler does not check JavaScript.
  for (const name of Object.keys(options)) checkName(name, Object.keys(OPTIONS), 'option of a simulation');
  const { scenario = 'cancelled', faults = [], functionFaults = [], parameters = {} } = options;
  const optionFaults = new OptionFaults(faults, functionFaults);
  const isStub = stubTypePredicate(options.stubResourceTypes ?? []);
  // Templates are evaluated without the properties of unsupported types, which are refused after that.
  const isIgnored = (type: string) => isStub(type) || !isSupported(type);
  const { operations, sources, stacks } = planOperations(sourceOf(what), options.operations);
  const environment = environmentOf(sources);
  const paths = new ConstructPaths(sources.flatMap(({ resources }) => resources));
  const files = mergeAssets(sources);

  const templateAt = (url: string) => withStubs(files.templateAt(url), isIgnored);
  const prepared = stacks.map((stack) =>
    withParameters({ ...stack, template: withStubs(stack.template, isIgnored) }, parameters),
  );
  const ssmParameters = parameterStore(prepared, parameters);
  const templates = evaluateStacks(prepared, { environment, assets: { templateAt }, ssmParameters });
  const functions = functionsOf(templates, files, paths);
  const stubbed = chooseFunctions(functions, options.stubFunctions ?? []);
  refuseUnsupported(
    templates,
    isStub,
    functions.filter((each) => !stubbed.includes(each)),
    paths,
  );
  const idsIn = (key: string) =>
    new Set(
      stubbed
        .filter(({ template: { url, stackName } }) => (url ?? stackName) === key)
        .map(({ logicalId }) => logicalId),
    );
  const deployed = prepared.map((stack) => ({
    ...stack,
    template: withStubFunctions(stack.template, idsIn(stack.stackName)),
  }));
  const services = simulatedServicesOf(
    (options.deployments ?? findDeployments(templates, paths)).map((deployment) => ({ scenario, ...deployment })),
    environment,
  );

  const clock = new VirtualClock();
  const begin = clock.now();
  const started: { emulator?: Emulator } = {};
  const report = await run.run({
    clock,
    environment,
    assembly: {
      pathOf: files.pathOf,
      templateAt: (url) => withStubFunctions(templateAt(url), idsIn(url)),
      stacks: deployed,
    },
    scenario: { name: 'simulation', ...services, faults: [...faults, ...services.faults] },
    operations,
    parameters: ssmParameters,
    consistency: options.consistency ?? 'strong',
    quotas: options.quotas ?? 'none',
    delivery: options.delivery ?? 'prompt',
    runtimeModules: modulesOfProject(),
    types: stubTypes(
      stubbedTypes(templates),
      templates.flatMap(({ template }) => [...attributesOf(template).values()].flat()),
      environment,
    ),
    lambdaFaults: optionFaults.lambdaFaults,
    functionName: (stackName, logicalId) => paths.of(stackName, logicalId),
    onFault: optionFaults.onFault,
    onStart: (emulator) => {
      started.emulator = emulator;
      optionFaults.start(emulator);
    },
  });
  optionFaults.end();
  const { history } = report;
  return {
    stackStatus: report.stackStatus,
    ...(report.statusReason !== null && { statusReason: report.statusReason }),
    outputs: report.outputs,
    cancellations: cancellationsOf(started.emulator?.stepFunctions.executions ?? [], paths, begin),
    statuses: eventsOf(history, 'deployment'),
    calls: eventsOf(history, 'call'),
    stackEvents: eventsOf(history, 'resource').map((event) => ({
      ...event,
      resourceType: originalType(event.resourceType),
    })),
    messages: eventsOf(history, 'message').map(({ text }) => text),
    elapsedSeconds: report.elapsedSeconds,
  };
}

function stubbedTypes(templates: ReturnType<typeof evaluateStacks>): string[] {
  const types = templates.flatMap(({ template }) => Object.values(template.Resources).map(({ Type }) => Type));
  return types.filter((type) => originalType(type) !== type).map(originalType);
}

/** The directories of the modules that the runtime of Lambda contains, and the project has installed. */
function modulesOfProject(): string {
  const { resolve } = createRequire(join(process.cwd(), 'index.js'));
  return (resolve.paths('@aws-sdk/client-lambda') ?? []).join(delimiter);
}

function declaredParameters({ template }: SynthesizedStack): Template['Parameters'] {
  return isRecord(template) && isRecord(template.Parameters) ? (template as unknown as Template).Parameters : {};
}

/** @throws if a parameter of the stack has no value */
function withParameters(stack: SynthesizedStack, given: SimulationOptions['parameters'] = {}): SynthesizedStack {
  const declared = declaredParameters(stack) ?? {};
  const missing = Object.keys(declared).find(
    (name) => given[name] === undefined && declared[name]?.Default === undefined,
  );
  if (missing !== undefined) {
    throw new Error(
      `the parameter ${missing} of the stack ${stack.stackName} has no value: add parameters: { ${missing}: … }`,
    );
  }
  const parameters = Object.fromEntries(Object.entries(given).filter(([name]) => Object.hasOwn(declared, name)));
  return { ...stack, parameters };
}

/** The parameters that are not those of a stack. */
function parameterStore(
  stacks: readonly SynthesizedStack[],
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const declared = new Set(stacks.flatMap((stack) => Object.keys(declaredParameters(stack) ?? {})));
  return Object.fromEntries(Object.entries(given).filter(([name]) => !declared.has(name)));
}

/** The events of a kind, without the kind. */
function eventsOf<Kind extends run.RunEvent['kind']>(history: readonly run.RunEvent[], kind: Kind) {
  return history
    .filter((event): event is Extract<run.RunEvent, { kind: Kind }> => event.kind === kind)
    .map(({ kind: _, ...event }) => event as Omit<typeof event, 'kind'>);
}
