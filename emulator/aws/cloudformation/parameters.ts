import { validationError } from './errors';
import type { Template } from './template';

/** A parameter, as in DescribeStacks. */
export interface ParameterDescription {
  readonly key: string;
  readonly value: string;
  /** The value of an SSM parameter. */
  readonly resolvedValue?: string;
}

/** Looks up an SSM parameter. */
export type SsmParameter = (name: string) => string | undefined;

const SSM_STRING = 'AWS::SSM::Parameter::Value<String>';
const TYPES = ['String', 'Number', 'CommaDelimitedList', 'List<Number>', SSM_STRING];

/** The parameter values of one deployment of a template. */
export class Parameters {
  private readonly values = new Map<string, string>();
  private readonly found = new Map<string, string>();

  constructor(
    private readonly template: Template,
    given: Readonly<Record<string, string>>,
    private readonly ssmParameter: SsmParameter | undefined,
  ) {
    const declared = Object.entries(template.Parameters ?? {});
    const names = new Set(declared.map(([name]) => name));
    refuseSome(
      'do not exist in the template',
      Object.keys(given).filter((name) => !names.has(name)),
    );
    for (const [name, { Type, Default }] of declared) {
      if (!TYPES.includes(Type)) throw validationError(`unsupported type ${Type} of parameter ${name}`);
      const value = given[name] ?? Default;
      if (value !== undefined) this.values.set(name, String(value));
    }
    refuseSome(
      'must have values',
      [...names].filter((name) => !this.values.has(name)),
    );
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  /** The value of `Ref`. An SSM parameter is looked up here, so only if something refers to it. */
  value(name: string): string | string[] {
    const text = this.values.get(name) as string;
    switch (this.template.Parameters?.[name]?.Type) {
      case SSM_STRING:
        return this.lookUp(name, text);
      case 'CommaDelimitedList':
      case 'List<Number>':
        return text === '' ? [] : text.split(',').map((item) => item.trim());
      default:
        return text;
    }
  }

  /** The original names and values. */
  texts(): ReadonlyArray<readonly [string, string]> {
    return [...this.values];
  }

  describe(): ParameterDescription[] {
    return [...this.values].map(([key, text]) => ({
      key,
      value: String(this.template.Parameters?.[key]?.NoEcho) === 'true' ? '****' : text,
      resolvedValue: this.found.get(key),
    }));
  }

  private lookUp(name: string, ssmName: string): string {
    const value = this.found.get(name) ?? this.ssmParameter?.(ssmName);
    if (value === undefined) {
      throw validationError(`Unable to fetch parameters [${ssmName}] from parameter store for this account.`);
    }
    this.found.set(name, value);
    return value;
  }
}

function refuseSome(problem: string, names: readonly string[]): void {
  if (names.length > 0) throw validationError(`Parameters: [${names.join(', ')}] ${problem}`);
}
