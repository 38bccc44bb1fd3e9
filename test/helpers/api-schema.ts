import { NormalizedSchema } from '@smithy/core/schema';

/**
 * What is wrong with a response on the wire according to the schema that an SDK client exports: members that do not exist,
 * and values of other types. The schemas have no lengths, ranges, patterns or enums.
 */
export function problemsWith(schema: unknown, value: unknown, path = 'response'): string[] {
  // The SDK types a schema by its own unions, which tests need not repeat.
  const normalized = NormalizedSchema.of(schema as Parameters<typeof NormalizedSchema.of>[0]);
  if (value === undefined) return [];
  if (normalized.isStructSchema()) {
    if (typeof value !== 'object' || value === null) return [`${path} is no structure`];
    const members = normalized.getMemberSchemas();
    return Object.entries(value).flatMap(([name, member]) =>
      Object.hasOwn(members, name)
        ? problemsWith(members[name], member, `${path}.${name}`)
        : [`${path}.${name} does not exist`],
    );
  }
  if (normalized.isListSchema()) {
    if (!Array.isArray(value)) return [`${path} is no list`];
    return value.flatMap((item, index) => problemsWith(normalized.getValueSchema(), item, `${path}[${index}]`));
  }
  const [type, fits] = normalized.isTimestampSchema()
    ? ['timestamp', typeof value === 'number']
    : normalized.isBooleanSchema()
      ? ['boolean', typeof value === 'boolean']
      : normalized.isNumericSchema()
        ? ['number', typeof value === 'number']
        : ['string', typeof value === 'string'];
  return fits ? [] : [`${path} is no ${type}`];
}

/** The members of the input of an operation, and those that are required. */
export function inputOf(schema: unknown): {
  readonly members: readonly string[];
  readonly required: readonly string[];
} {
  const [, , , , members, , required = 0] = schema as [number, string, string, unknown, string[], unknown, number?];
  return { members, required: members.slice(0, required) };
}
