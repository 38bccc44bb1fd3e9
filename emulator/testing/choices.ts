import { statSync } from 'node:fs';
import { isCustomType } from '../aws/cloudformation/built-in-types';
import { isEmulatedType } from '../aws/resource-types';
import type { Assets } from '../simulation/assembly';
import { DEPLOYMENT_TYPE, FAILURE_TYPE } from '../simulation/test-resources';
import type { EvaluatedResource, EvaluatedTemplate } from './evaluation';
import { isWorkflowCode } from './faults';
import type { ConstructPaths } from './sources';
import { FUNCTION_TYPE, originalType } from './stubs';

/** The custom resources of the CDK whose functions call services that the emulator does not have, or are not Node.js. */
const CDK_HELPERS: ReadonlySet<string> = new Set([
  'Custom::AWSCDKOpenIdConnectProvider',
  'Custom::CDKBucketDeployment',
  'Custom::CloudwatchLogResourcePolicy',
  'Custom::CrossAccountZoneDelegation',
  'Custom::CrossRegionExportReader',
  'Custom::CrossRegionExportWriter',
  'Custom::CrossRegionStringParameterReader',
  'Custom::DeleteExistingRecordSet',
  'Custom::DescribeCognitoUserPoolClient',
  'Custom::DynamoDBReplica',
  'Custom::ECRAutoDeleteImages',
  'Custom::ElasticsearchAccessPolicy',
  'Custom::GluePartitionIndex',
  'Custom::LogRetention',
  'Custom::OpenSearchAccessPolicy',
  'Custom::S3AutoDeleteObjects',
  'Custom::S3BucketNotifications',
  'Custom::S3ObjectCopy',
  'Custom::SyntheticsAutoDeleteUnderlyingResources',
  'Custom::UserPoolCloudFrontDomainName',
  'Custom::VpcRestrictDefaultSG',
]);

/** Whether the emulator can create resources of a type, and run the functions behind them. */
export function isSupported(type: string): boolean {
  return (isEmulatedType(type) && !CDK_HELPERS.has(type)) || type === DEPLOYMENT_TYPE || type === FAILURE_TYPE;
}

/**
 * Returns whether a resource type is stubbed.
 *
 * @throws if a type is emulated
 */
export function stubTypePredicate(patterns: readonly string[]): (type: string) => boolean {
  const emulated = patterns.filter((pattern) => isSupported(pattern) && !isCustomType(pattern));
  if (emulated.length > 0) {
    throw new Error(
      `the emulator has ${emulated.join(', ')} itself, so it cannot be a stub: remove it from stubResourceTypes`,
    );
  }
  const exact = new Set(patterns);
  const prefixes = patterns.filter((pattern) => pattern.endsWith('*')).map((pattern) => pattern.slice(0, -1));
  return (type) => exact.has(type) || (!isSupported(type) && prefixes.some((prefix) => type.startsWith(prefix)));
}

/** A function in a template. */
export interface TemplateFunction {
  readonly template: EvaluatedTemplate;
  readonly logicalId: string;
  readonly path: string;
  /** Why the emulator cannot run it; undefined if it can. */
  readonly problem?: string;
}

/** The functions of templates that are not part of the workflow. */
export function functionsOf(
  templates: readonly EvaluatedTemplate[],
  assets: Pick<Assets, 'pathOf'>,
  paths: ConstructPaths,
): TemplateFunction[] {
  return templates.flatMap((template) =>
    template.resources
      .filter((resource) => resource.type === FUNCTION_TYPE && !isPartOfWorkflow(resource, assets))
      .map((resource) => ({
        template,
        logicalId: resource.logicalId,
        path: paths.of(template.stackName, resource.logicalId),
        problem: functionProblem(resource, assets),
      })),
  );
}

/**
 * The functions that are stubs.
 *
 * @param wanted the paths of functions or of constructs that contain them; `*` for those that cannot be run
 * @throws if there is no function at a path
 */
export function chooseFunctions(functions: readonly TemplateFunction[], wanted: readonly string[]): TemplateFunction[] {
  const isAt = ({ path }: TemplateFunction, place: string) => path === place || path.startsWith(`${place}/`);
  for (const place of wanted) {
    if (place === '*' || functions.some((each) => isAt(each, place))) continue;
    const paths = functions.map(({ path }) => path).join(', ') || 'none';
    throw new Error(`stubFunctions has ${place}, but there is no such function; there are ${paths}`);
  }
  return functions.filter((each) =>
    wanted.some((place) => (place === '*' ? each.problem !== undefined : isAt(each, place))),
  );
}

/**
 * @param templates in which the resources of unsupported types are stubs
 * @param isStub whether the options stub a type
 * @throws if the emulator cannot create the resources of some types, or cannot run some functions
 */
export function refuseUnsupported(
  templates: readonly EvaluatedTemplate[],
  isStub: (type: string) => boolean,
  functions: readonly TemplateFunction[],
  paths: ConstructPaths,
): void {
  const unknown = new Map<string, string>();
  for (const { stackName, resources } of templates) {
    for (const { type: deployedType, logicalId } of resources) {
      const type = originalType(deployedType);
      if (isStub(type) || isSupported(type) || unknown.has(type)) continue;
      unknown.set(type, paths.of(stackName, logicalId));
    }
  }
  const problems: string[] = [];
  if (unknown.size > 0) {
    const found = [...unknown].map(([type, path]) => `${type} (${path})`).join(', ');
    const types = [...unknown.keys()].map((type) => `'${type}'`).join(', ');
    problems.push(`the emulator does not have ${found}: if they do not matter here, add stubResourceTypes: [${types}]`);
  }
  const broken = functions.filter(({ problem }) => problem !== undefined);
  if (broken.length > 0) {
    const found = broken.map(({ path, problem }) => `${path} (${problem})`).join(', ');
    const names = [...new Set(broken.map(({ path }) => `'${path}'`))].join(', ');
    problems.push(`the emulator cannot run ${found}: if they do not matter here, add stubFunctions: [${names}]`);
  }
  if (problems.length > 0) throw new Error(problems.join('; '));
}

function isPartOfWorkflow({ properties }: EvaluatedResource, assets: Pick<Assets, 'pathOf'>): boolean {
  const directory = codeOf(properties, assets);
  return directory !== undefined && isWorkflowCode(directory);
}

/** The path of the asset of a function, if it has one. */
function codeOf(properties: EvaluatedResource['properties'], { pathOf }: Pick<Assets, 'pathOf'>): string | undefined {
  const { S3Key } = (properties?.Code ?? {}) as { readonly S3Key?: unknown };
  try {
    return typeof S3Key === 'string' ? pathOf(S3Key) : undefined;
  } catch {
    return undefined;
  }
}

function functionProblem({ properties }: EvaluatedResource, assets: Pick<Assets, 'pathOf'>): string | undefined {
  // The deployment reports what is wrong with its properties.
  if (properties === undefined) return undefined;
  const code = (properties.Code ?? {}) as { readonly ImageUri?: unknown; readonly ZipFile?: unknown };
  if (code.ImageUri !== undefined) return 'a container image';
  if (!String(properties.Runtime).startsWith('nodejs')) return `the runtime ${properties.Runtime}`;
  if (code.ZipFile !== undefined) return undefined;
  const path = codeOf(properties, assets);
  if (path === undefined) return 'code that is not an asset';
  return statSync(path).isDirectory() ? undefined : 'the code in an archive';
}
