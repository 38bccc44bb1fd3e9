import type { Template } from 'aws-cdk-lib/assertions';
import { resolved } from './template';

/** A metric as a template names it. */
export interface MetricName {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
}

/** The metrics that the dashboards of a template show. */
export function shownMetrics(template: Template): MetricName[] {
  return widgetsOf(template).flatMap(({ properties }) =>
    (properties.metrics ?? []).map(([namespace, metricName, ...more]) => {
      const [options] = more.slice(-1) as [{ stat?: string }];
      const names = more.slice(0, -1) as string[];
      const pairs = names.flatMap((name, index) => (index % 2 === 0 ? [[name, names[index + 1]]] : []));
      return {
        namespace: String(namespace),
        metricName: String(metricName),
        dimensions: Object.fromEntries(pairs),
        statistic: options.stat ?? 'Average',
      };
    }),
  );
}

export interface Widget {
  readonly type: string;
  readonly properties: {
    readonly title?: string;
    readonly markdown?: string;
    readonly query?: string;
    readonly metrics?: readonly (readonly unknown[])[];
  };
}

/** The widgets on the dashboards of a template. */
export function widgetsOf(template: Template): Widget[] {
  return propertiesOf(template, 'AWS::CloudWatch::Dashboard').flatMap(
    ({ DashboardBody }) => JSON.parse(String(DashboardBody)).widgets,
  );
}

/** The metric of each alarm of a template, by the logical ID of the alarm. */
export function alarmedMetrics(template: Template): Record<string, MetricName> {
  const alarms = Object.entries(template.findResources('AWS::CloudWatch::Alarm'));
  return Object.fromEntries(
    alarms.map(([id, { Properties }]) => {
      const { Namespace, MetricName, Dimensions = [], Statistic } = resolved(Properties) as AlarmProperties;
      const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value]));
      return [id, { namespace: Namespace, metricName: MetricName, dimensions, statistic: Statistic }];
    }),
  );
}

interface AlarmProperties {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
  readonly Statistic: string;
}

/** A value of a metric that CloudWatch extracts from a log line. */
export interface Datapoint extends Omit<MetricName, 'statistic'> {
  readonly value: number;
  readonly unit?: string;
}

/**
 * Returns the datapoints that CloudWatch extracts from log lines with the metric filters of a template.
 *
 * @param linesOf returns the lines of a function, by its logical ID
 */
export function datapoints(template: Template, linesOf: (functionId: string) => readonly string[]): Datapoint[] {
  const functions = Object.entries(template.findResources('AWS::Lambda::Function'));
  return propertiesOf(template, 'AWS::Logs::MetricFilter').flatMap((properties) => {
    const { LogGroupName, FilterPattern, MetricTransformations } = properties as unknown as FilterProperties;
    const writers = functions.filter(([, { Properties }]) => Properties.LoggingConfig.LogGroup.Ref === LogGroupName);
    const lines = writers.flatMap(([id]) => linesOf(id)).map(parsed);
    const matches = lines.filter((line) => holds(FilterPattern, line));
    return MetricTransformations.flatMap((transformation) =>
      matches.flatMap((line) => datapointOf(transformation, line)),
    );
  });
}

interface FilterProperties {
  readonly LogGroupName: string;
  readonly FilterPattern: string;
  readonly MetricTransformations: readonly Transformation[];
}

interface Transformation {
  readonly MetricNamespace: string;
  readonly MetricName: string;
  readonly MetricValue: string;
  readonly Unit?: string;
  readonly Dimensions?: readonly { readonly Key: string; readonly Value: string }[];
}

/** Empty if the line does not contain the value or a dimension. */
function datapointOf(transformation: Transformation, line: unknown): Datapoint[] {
  const { MetricNamespace, MetricName, MetricValue, Unit, Dimensions = [] } = transformation;
  const resolve = (text: string) => (text.startsWith('$') ? valueAt(text, line) : text);
  const dimensions = Object.fromEntries(Dimensions.map(({ Key, Value }) => [Key, resolve(Value)]));
  const value = Number(resolve(MetricValue));
  if (Number.isNaN(value) || Object.values(dimensions).includes(undefined)) return [];
  return [
    {
      namespace: MetricNamespace,
      metricName: MetricName,
      dimensions: dimensions as Record<string, string>,
      value,
      unit: Unit,
    },
  ];
}

/** Evaluates patterns such as `{ $.a.b = "text" }`, with `=`, `!=` and `&&`. */
function holds(pattern: string, line: unknown): boolean {
  const conditions = /^\{ (.+) \}$/.exec(pattern)?.[1]?.split(' && ') ?? [pattern];
  return conditions.every((condition) => {
    const [, path, comparison, text] = /^\(?(\$[\w.]+) (=|!=) "(\w[\w-]*)"\)?$/.exec(condition) ?? [];
    if (path === undefined) throw new Error(`the pattern ${pattern} is not supported`);
    const value = valueAt(path, line);
    // Without the field, neither comparison holds.
    return value !== undefined && (value === text) === (comparison === '=');
  });
}

function valueAt(path: string, line: unknown): unknown {
  const [, ...names] = path.split('.');
  return names.reduce((value, name) => (value as Record<string, unknown> | undefined)?.[name], line);
}

/** Undefined if the line is not JSON. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function propertiesOf(template: Template, type: string): Record<string, unknown>[] {
  return Object.values(template.findResources(type)).map(
    ({ Properties }) => resolved(Properties) as Record<string, unknown>,
  );
}
