import type { DryRunDocument } from '../../cli/dry-run';
import type { ExitCode } from '../../cli/exit-code';
import type { ResultDocument } from '../../cli/result-document';
import { SECONDS } from '../../emulator/core/plan';
import type { ScenarioName, Script } from '../../emulator/simulation/scenarios';
import { simulationOf } from '../../emulator/simulation/service-simulation';
import type { Outcome } from '../../lib/contract/cancellation';
import { DEPLOYMENT_KINDS, type DeploymentKind, kindDefinition, serviceOf } from '../../lib/deployments/kinds';
import { argumentsFor, environmentOf, quick, runCli, type Served, serveScript } from './run-cli';

// Every case is a process that waits in real time.
jest.setTimeout(600_000);

/** How many of them run at the same time. */
const PROCESSES = 20;

interface Case {
  readonly script: Script;
  readonly flags?: readonly string[] | (() => readonly string[]);
  /** More than one where it depends on whether a request to cancel names a deployment. */
  readonly outcomes: readonly Outcome[];
  readonly code: ExitCode;
}

const caseOf = (
  name: ScenarioName,
  code: ExitCode,
  outcomes: readonly Outcome[],
  ...flags: readonly string[]
): [string, Case] => [name, { script: quick(name), code, outcomes, flags }];

const ALREADY_CANCELLING: Script = {
  deployment: {
    at: -120 * SECONDS,
    steps: [
      { after: 120 * SECONDS, status: 'CANCELLING' },
      { after: 10 * SECONDS, status: 'CANCELLED' },
    ],
  },
};

const CASES = new Map<string, Case>([
  caseOf('cancelled', 0, ['CANCELLED']),
  ['cancelled, which fails', { ...caseOf('cancelled', 1, ['CANCELLED'])[1], flags: ['--fail-on', 'CANCELLED'] }],
  caseOf('cancel-fails', 0, ['CANCEL_FAILED']),
  caseOf('finishes-first', 0, ['COMPLETED_FIRST']),
  caseOf('conflict', 1, ['COMPLETED_FIRST'], '--fail-on', 'CANCEL_FAILED,COMPLETED_FIRST'),
  caseOf('nothing-to-cancel', 0, ['NOTHING_TO_CANCEL']),
  ['already-cancelling', { script: ALREADY_CANCELLING, outcomes: ['CANCELLED'], code: 0 }],
  caseOf('throttled', 0, ['CANCELLED']),
  caseOf('refused', 1, ['REFUSED']),
  caseOf('not-found', 1, ['NOT_FOUND']),
  ['not-found, as wished', { ...caseOf('not-found', 0, ['NOT_FOUND'])[1], flags: ['--on-not-found', 'succeed'] }],
  caseOf('access-denied', 3, ['ACCESS_DENIED']),
  caseOf('superseded', 0, ['CANCELLED', 'SUPERSEDED']),
  caseOf('overtaken', 0, ['COMPLETED_FIRST', 'SUPERSEDED']),
  caseOf('vanishes', 0, ['SUPERSEDED']),
  caseOf('unavailable', 5, ['UNAVAILABLE'], '--timeout', '4s'),
  caseOf('timeout', 4, ['TIMED_OUT'], '--timeout', '4s'),
  [
    'ignored',
    // Seconds after the deployment has started, however long the other cases take.
    { ...caseOf('cancelled', 0, ['SKIPPED'])[1], flags: () => ['--ignore-started-before', new Date().toISOString()] },
  ],
]);

/** The cases of a kind: without those that its service cannot have. */
function casesOf(kind: DeploymentKind): [string, Case][] {
  return [...CASES].flatMap(([name, one]): [string, Case][] => {
    // The service has no status for it.
    const { FAILED, CANCELLING } = simulationOf(kind).statuses;
    if (name === 'cancel-fails' && FAILED === undefined) return [];
    if (name === 'already-cancelling' && CANCELLING === undefined) return [];
    // The service lists the executions of any name.
    if (name.startsWith('not-found') && kind === 'ssm-automation-execution') {
      return [[name, { ...one, outcomes: ['NOTHING_TO_CANCEL'], code: 0 }]];
    }
    return [[name, one]];
  });
}

async function runCase(kind: DeploymentKind, { script, flags = [] }: Case) {
  const server = await serveScript(kind, script);
  const given = typeof flags === 'function' ? flags() : flags;
  const args = [...argumentsFor(kind), '--json', '--poll-interval', '1s', ...given];
  const ended = await runCli(args, environmentOf(server.url)).finally(() => server.close());
  const document: ResultDocument | undefined = ended.stdout === '' ? undefined : JSON.parse(ended.stdout);
  return { ...ended, document, ...historyOf(server) };
}

function historyOf({ simulated, calls }: Served) {
  return {
    calls,
    changes: simulated.flatMap(({ history }) => history),
    cancels: simulated.flatMap(({ acceptedCancels }) => acceptedCancels),
  };
}

const results = new Map<string, Awaited<ReturnType<typeof runCase>>>();
const resultOf = (kind: DeploymentKind, name: string) => results.get(`${kind}/${name}`)!;

beforeAll(async () => {
  const waiting = DEPLOYMENT_KINDS.flatMap((kind) => casesOf(kind).map(([name, one]) => ({ kind, name, one })));
  const runNext = async (): Promise<void> => {
    const next = waiting.shift();
    if (!next) return;
    results.set(`${next.kind}/${next.name}`, await runCase(next.kind, next.one));
    await runNext();
  };
  await Promise.all(Array.from({ length: PROCESSES }, runNext));
});

describe.each(DEPLOYMENT_KINDS)('%s', (kind) => {
  test.each(casesOf(kind))('%s: outcome and exit code', (name, { outcomes, code }) => {
    const { document, ...ended } = resultOf(kind, name);
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code, stderr: '' });
    expect(outcomes).toContain(document?.outcome);
    expect(document?.exitCode).toBe(code);
    expect(document?.reason).toMatch(/\w/);
  });

  test.each(casesOf(kind).map(([name]) => name))(
    '%s: the status is one of the service, and the last cancelled deployment the pinned one',
    (name) => {
      const { document, changes, cancels } = resultOf(kind, name);
      const ofDeployment = changes.filter(({ deploymentId }) => deploymentId === document?.deploymentId);
      if (document?.outcome === 'NOT_FOUND') expect(document.deploymentId).toBeNull();
      else if (document?.outcome !== 'SUPERSEDED' && document?.deploymentStatus !== 'UNKNOWN') {
        const statuses = ofDeployment.map(({ status }) => status);
        // The status of an environment does not tell how its update has ended.
        const ofService = kind === 'elasticbeanstalk-environment-update' ? [...statuses, 'Ready'] : statuses;
        expect(ofService).toContain(document?.deploymentStatus);
      }
      if (document?.outcome === 'CANCELLED' && cancels.length > 0) {
        expect(cancels.at(-1)?.deploymentId).toBe(document.deploymentId);
      }
    },
  );

  test('a deployment that is ignored is not cancelled', () => {
    expect(resultOf(kind, 'ignored').cancels).toEqual([]);
  });

  test('a dry run names the request that cancels, and sends no such request', async () => {
    const server = await serveScript(kind, quick('cancelled'));
    const before = historyOf(server).changes;
    const { code, stdout } = await runCli([...argumentsFor(kind), '--json', '--dry-run'], environmentOf(server.url));
    await server.close();
    const document: DryRunDocument = JSON.parse(stdout);
    const { cancelAction, readAction } = kindDefinition(kind);
    expect({ code, exitCode: document.exitCode }).toEqual({ code: 0, exitCode: 0 });
    expect(document.wouldCall?.action).toBe(cancelAction);
    expect(document.deploymentId).toBe(before.at(-1)?.deploymentId);
    expect(document.permissions.map(({ action }) => action)).toEqual(
      expect.arrayContaining([readAction, cancelAction]),
    );
    const { changes, cancels, calls } = historyOf(server);
    expect({ changes, cancels }).toEqual({ changes: before, cancels: [] });
    // Each permission but that of the request that was not sent is that of a call.
    const service = serviceOf(kind);
    const called = [...new Set(calls)].filter((call) => call.startsWith(`${service}:`));
    expect(called.sort()).toEqual(
      document.permissions
        .map(({ action }) => action)
        .filter((action) => action !== cancelAction)
        .sort(),
    );
  });
});
