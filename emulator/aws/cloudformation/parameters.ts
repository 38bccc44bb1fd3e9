import { validationError } from './errors';
import type { Template, TemplateParameter } from './template';

/** A parameter, as in DescribeStacks. */
export interface ParameterDescription {
  readonly key: string;
  readonly value: string;
  /** The value of an SSM parameter. */
  readonly resolvedValue?: string;
}

/** Looks up an SSM parameter. */
export type SsmParameter = (name: string) => string | undefined;

/** A parameter whose value is the name of an SSM parameter, such as `AWS::SSM::Parameter::Value<List<String>>`. */
const SSM_VALUE = /^AWS::SSM::Parameter::Value<(.+)>$/;
/** Types of AWS, such as `AWS::EC2::VPC::Id`, are strings that CloudFormation validates and the emulator does not. */
const SCALAR = /^(String|Number|AWS(::\w+)+)$/;
const LIST = /^(CommaDelimitedList|List<(String|Number|AWS(::\w+)+)>)$/;

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
    for (const [name, parameter] of declared) {
      const type = valueType(parameter.Type);
      if (!SCALAR.test(type) && !LIST.test(type)) {
        throw validationError(`unsupported type ${parameter.Type} of parameter ${name}`);
      }
      const value = given[name] ?? parameter.Default;
      if (value === undefined) continue;
      checkConstraints(name, parameter, String(value));
      this.values.set(name, String(value));
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
    const { Type = '' } = this.template.Parameters?.[name] ?? {};
    const given = this.values.get(name) as string;
    const text = SSM_VALUE.test(Type) ? this.lookUp(name, given) : given;
    if (!LIST.test(valueType(Type))) return text;
    return text === '' ? [] : text.split(',').map((item) => item.trim());
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

/** The type of the value of `Ref`. */
function valueType(type: string): string {
  return SSM_VALUE.exec(type)?.[1] ?? type;
}

function checkConstraints(name: string, parameter: TemplateParameter, value: string): void {
  const { AllowedValues, AllowedPattern, MinLength, MaxLength, MinValue, MaxValue, ConstraintDescription } = parameter;
  const isAllowed = AllowedValues === undefined || AllowedValues.map(String).includes(value);
  if (!isAllowed) throw validationError(`Parameter '${name}' must be one of AllowedValues`);
  const isValid =
    (AllowedPattern === undefined || new RegExp(`^(?:${AllowedPattern})$`).test(value)) &&
    value.length >= Number(MinLength ?? 0) &&
    value.length <= Number(MaxLength ?? Number.POSITIVE_INFINITY) &&
    (MinValue === undefined || Number(value) >= Number(MinValue)) &&
    (MaxValue === undefined || Number(value) <= Number(MaxValue));
  if (isValid) return;
  throw validationError(
    `Parameter ${name} failed to satisfy constraint: ${ConstraintDescription ?? 'its pattern, length or range'}`,
  );
}
