import type { OptionDefinition } from './kind-definition';

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
