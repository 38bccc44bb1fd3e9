import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CompiledPackage, type Member, type Parameter, type Type } from './assembly';

let compiled: CompiledPackage;
let types: readonly Type[];
beforeAll(() => {
  compiled = new CompiledPackage();
  types = Object.values(compiled.assembly.types);
}, 240_000);
afterAll(() => compiled?.remove());

describe('the public API is documented', () => {
  test('every type', () => {
    expect(types.length).toBeGreaterThan(20);
    expect(types.filter(undocumented).map(({ name }) => name)).toEqual([]);
  });

  test('every method, property and member of an enum', () => {
    const undocumentedMembers = types.flatMap((type) => membersOf(type).filter(undocumented).map(named(type)));
    expect(undocumentedMembers).toEqual([]);
  });

  test('every parameter, except scope and id, and structs of this package', () => {
    const incomplete = types.flatMap((type) =>
      callablesOf(type)
        .filter(({ overrides }) => overrides === undefined)
        .flatMap((callable) =>
          undocumentedParameters(callable).map((parameter) => `${named(type)(callable)}(${parameter.name})`),
        ),
    );
    expect(incomplete).toEqual([]);
  });

  test('the default of every property that can be left out', () => {
    const incomplete = types
      .filter(({ datatype }) => datatype)
      .flatMap((type) => (type.properties ?? []).filter(hasNoDefault).map(named(type)));
    expect(incomplete).toEqual([]);
  });
});

describe('in the other languages', () => {
  const languages = [
    { language: 'python', project: 'setup.py', ending: '.py', declaration: (name: string) => `class ${name}(` },
    { language: 'java', project: 'pom.xml', ending: '.java', declaration: (name: string) => `public class ${name} ` },
    { language: 'dotnet', project: '.csproj', ending: '.cs', declaration: (name: string) => `public class ${name} ` },
    { language: 'go', project: 'go.mod', ending: '.go', declaration: (name: string) => `type ${name} interface` },
  ];
  let generated: string;
  beforeAll(() => {
    generated = compiled.generate(languages.map(({ language }) => language));
  }, 240_000);

  test.each(languages)('the package is generated in $language, with every class that can be instantiated', (target) => {
    const directory = join(generated, target.language);
    const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => file.endsWith(target.project))).toHaveLength(1);
    const source = files
      .filter((file) => file.endsWith(target.ending))
      .map((file) => readFileSync(join(directory, file), 'utf8'))
      .join('\n');
    const instantiable = types.filter(({ initializer, abstract }) => initializer && !abstract).map(({ name }) => name);
    expect(instantiable.length).toBeGreaterThan(5);
    expect(instantiable.filter((name) => !source.includes(target.declaration(name)))).toEqual([]);
  });

  test('no two types differ only by case, because Java and .NET have a file for each', () => {
    expect(duplicates(types.map(({ name }) => name.toLowerCase()))).toEqual([]);
  });

  test('no two members have the same name in Python', () => {
    const clashes = types.flatMap((type) =>
      duplicates(membersOf(type).map(({ name = '' }) => snake(name))).map(of(type)),
    );
    expect(clashes).toEqual([]);
  });

  test('no method has the name of a getter or setter in Java', () => {
    const clashes = types.flatMap((type) => duplicates(javaNames(type)).map(of(type)));
    expect(clashes).toEqual([]);
  });

  test('no member has the name of its type, or of another member, in .NET', () => {
    const clashes = types.flatMap((type) =>
      duplicates([type.name, ...methodsAndProperties(type).map(({ name = '' }) => pascal(name))]).map(of(type)),
    );
    expect(clashes).toEqual([]);
  });

  test('no constructor or static member has the name of a type or of another in the package of Go', () => {
    const names = types.flatMap((type) => [
      type.name,
      ...(type.initializer ? [`New${type.name}`, `New${type.name}_Override`] : []),
      ...methodsAndProperties(type)
        .filter((member) => member.static)
        .map(({ name = '' }) => `${type.name}_${pascal(name)}`),
      ...(type.members ?? []).map(({ name }) => `${type.name}_${name}`),
    ]);
    expect(duplicates(names)).toEqual([]);
  });
});

describe('for Construct Hub', () => {
  test('the package has the keyword of the CDK, and a stability', () => {
    const { keywords, docs } = compiled.assembly;
    expect(keywords).toContain('awscdk');
    expect(docs.stability).toBe('experimental');
  });
});

const undocumented = ({ docs }: Type | Member): boolean => !docs?.summary;
const hasNoDefault = ({ optional, docs }: Member): boolean => optional === true && !docs?.default;

const methodsAndProperties = (type: Type): readonly Member[] => [...(type.methods ?? []), ...(type.properties ?? [])];
const membersOf = (type: Type): readonly Member[] => [...methodsAndProperties(type), ...(type.members ?? [])];
const callablesOf = (type: Type): readonly Member[] => [
  ...(type.initializer ? [type.initializer] : []),
  ...(type.methods ?? []),
];

const of = (type: Type) => (name: string) => `${type.name}.${name}`;
const named =
  (type: Type) =>
  ({ name = 'constructor' }: Member) =>
    of(type)(name);

function undocumentedParameters({ parameters = [] }: Member): readonly Parameter[] {
  const names = parameters.map(({ name }) => name);
  const ofAConstruct = names.includes('scope') && names.includes('id');
  return parameters.filter(({ name, docs, type }) => {
    if (docs?.summary) return false;
    if (name === 'id' || (name === 'scope' && ofAConstruct)) return false;
    return !(type.fqn !== undefined && compiled.assembly.types[type.fqn]?.datatype);
  });
}

function javaNames(type: Type): readonly string[] {
  const properties = type.properties ?? [];
  return [
    ...(type.methods ?? []).map(({ name = '' }) => name),
    ...properties.map(({ name = '' }) => `get${pascal(name)}`),
    ...properties.filter(({ immutable }) => !immutable).map(({ name = '' }) => `set${pascal(name)}`),
  ];
}

const pascal = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
const snake = (name: string): string => name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
const duplicates = (names: readonly string[]): readonly string[] =>
  names.filter((name, index) => names.indexOf(name) < index);
