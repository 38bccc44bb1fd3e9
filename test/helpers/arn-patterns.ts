/** A part of a pattern: one character, one or more characters without separators, or any number of any characters. */
type Part = string | symbol;

const VARIABLE = Symbol('variable');
const LAST_VARIABLE = Symbol('last variable');
const WILDCARD = Symbol('wildcard');

/**
 * Whether there is an ARN that a resource of a policy matches, and that is one of a resource type.
 *
 * @param resource the resource of a policy, in which `*` stands for any characters
 * @param arn the ARN of a resource type, with variables such as `${Region}`. Only the last one may contain separators
 */
export function overlaps(resource: string, arn: string): boolean {
  return intersect(partsOfResource(resource), partsOfArn(arn));
}

function partsOfResource(resource: string): readonly Part[] {
  return [...resource].map((character) => (character === '*' ? WILDCARD : character));
}

function partsOfArn(arn: string): readonly Part[] {
  const [first = '', ...rest] = arn.split(/\$\{\w+\}/);
  const last = rest.length - 1;
  return [...first, ...rest.flatMap((text, index) => [index === last ? LAST_VARIABLE : VARIABLE, ...text])];
}

/** Whether a text matches both patterns. A variable stands for at least one character. */
function intersect(resource: readonly Part[], arn: readonly Part[]): boolean {
  const known = new Map<string, boolean>();
  const match = (i: number, j: number, inVariable: boolean): boolean => {
    const key = `${i} ${j} ${inVariable}`;
    const found = known.get(key) ?? compare(i, j, inVariable);
    known.set(key, found);
    return found;
  };
  const compare = (i: number, j: number, inVariable: boolean): boolean => {
    const one = resource[i];
    const other = arn[j];
    if (inVariable && match(i, j + 1, false)) return true;
    if (one === WILDCARD)
      return match(i + 1, j, inVariable) || (other !== undefined && match(i, ...consumed(j, other)));
    if (one === undefined) return other === undefined;
    if (other === VARIABLE) return one !== ':' && one !== '/' && match(i + 1, j, true);
    if (other === LAST_VARIABLE) return match(i + 1, j, true);
    return one === other && match(i + 1, j + 1, false);
  };
  return match(0, 0, false);
}

/** The position in the ARN after a wildcard has matched a character of a part. */
function consumed(j: number, part: Part): [number, boolean] {
  return typeof part === 'string' ? [j + 1, false] : [j, true];
}
