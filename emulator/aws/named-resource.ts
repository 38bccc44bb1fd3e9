import type { ResourceRequest, ResourceState, ResourceType } from './cloudformation/resource-type';

export type Properties = Readonly<Record<string, unknown>>;

/** A type whose resources keep their name as long as they exist, and are updated by being put again. */
export function named(
  nameProperty: string,
  put: (name: string, properties: Properties, exists: boolean) => ResourceState,
  remove: (name: string, properties: Properties) => void,
): ResourceType {
  const nameOf = ({ stackName, logicalId, properties }: ResourceRequest) =>
    text(properties, nameProperty) ?? shortened(`${stackName.slice(0, 24)}-${logicalId}`);
  return {
    create: async (request) => put(nameOf(request), request.properties, false),
    async update(request, old) {
      if (nameOf(request) !== nameOf(old)) throw new Error(`the emulator cannot rename ${request.logicalId}`);
      return put(nameOf(request), request.properties, true);
    },
    delete: async (request) => remove(nameOf(request), request.properties),
  };
}

/** Keeps the end of a name: two long logical IDs differ there. */
function shortened(name: string): string {
  return name.length <= MAX_NAME ? name : `${name.slice(0, MAX_NAME - 10)}${name.slice(-10)}`;
}

/** The smallest of the maximum lengths of names of these types. */
const MAX_NAME = 64;

/** A resource that can be created and referred to, without any effect. */
export function placeholder(
  nameProperty: string,
  attributes: (name: string) => ResourceState['attributes'] = () => ({}),
): ResourceType {
  return named(
    nameProperty,
    (name) => ({ physicalId: name, attributes: attributes(name) }),
    () => undefined,
  );
}

/** Rejects properties that are not emulated. */
export function refuseOthers(others: Properties, id: string): void {
  const [unsupported] = Object.keys(others);
  if (unsupported !== undefined) throw new Error(`the emulator does not support ${unsupported} of ${id}`);
}

function text(properties: Properties, name: string): string | undefined {
  const value = properties[name];
  return typeof value === 'string' ? value : undefined;
}

export function list<T>(value: unknown): readonly T[] {
  return (value ?? []) as readonly T[];
}
