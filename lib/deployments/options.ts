import type { OptionDefinition, Options } from './kind-definition';

/**
 * Returns what is wrong with the value of an option, or undefined.
 *
 * @param isUnknown whether a value is not known yet, so that it cannot be wrong
 */
export function optionProblem(
  value: unknown,
  definition: OptionDefinition,
  isUnknown: (value: unknown) => boolean = () => false,
): string | undefined {
  switch (definition.type) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `must be true or false, not ${JSON.stringify(value)}`;
    case 'choice':
      return definition.values.some((choice) => choice === value)
        ? undefined
        : `must be one of ${definition.values.join(', ')}, not ${JSON.stringify(value)}`;
    case 'list': {
      if (!Array.isArray(value)) return `must be a list, not ${JSON.stringify(value)}`;
      const items: readonly unknown[] = value;
      return items.map((item) => (isUnknown(item) ? undefined : definition.validate(item))).find(Boolean);
    }
    case 'seconds': {
      const { min, max } = definition;
      const isValid = typeof value === 'number' && Number.isInteger(value) && min <= value && value <= max;
      return isValid ? undefined : `must be a whole number from ${min} to ${max}, not ${JSON.stringify(value)}`;
    }
  }
}

/** The name of an option where its value is a `Duration`, or has a unit: without `Seconds`. */
export function nameWithoutUnit(option: string): string {
  return option.replace(/Seconds$/, '');
}

/**
 * Returns why an option that is set takes no effect, or undefined if every one does.
 *
 * @param nameOf the name of an option for whoever has set it
 */
export function conflictOf(
  options: Options,
  definitions: Readonly<Record<string, OptionDefinition>>,
  nameOf: (option: string) => string,
): string | undefined {
  const values: Options = { ...defaultOptions(definitions), ...options };
  return Object.entries(definitions)
    .flatMap(([name, { onlyIf }]) =>
      onlyIf && isSet(values[name]) && values[onlyIf.option] !== onlyIf.is
        ? [`${nameOf(name)} takes effect only ${conditionOf(nameOf(onlyIf.option), onlyIf.is)}`]
        : [],
    )
    .at(0);
}

function conditionOf(name: string, value: boolean | string): string {
  if (typeof value === 'string') return `with ${name} ${value}`;
  return value ? `with ${name}` : `without ${name}`;
}

function isSet(value: Options[string] | undefined): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined;
}

/** Finds a duration that ends only at the timeout or later, with its name, so that it takes no effect. */
export function findLateOption(
  options: Options = {},
  timeoutSeconds: number,
): readonly [name: string, seconds: number] | undefined {
  return Object.entries(options)
    .flatMap(([name, value]) => (typeof value === 'number' ? [[name, value] as const] : []))
    .find(([, seconds]) => seconds >= timeoutSeconds);
}

/** The values of options that are not set. */
export function defaultOptions(definitions: Readonly<Record<string, OptionDefinition>> = {}): Options {
  return Object.fromEntries(
    Object.entries(definitions).flatMap(([name, each]) => (each.default === undefined ? [] : [[name, each.default]])),
  );
}
