import { fleetStackScenario } from '../../../../bin/scenarios/fleet-stack-scenarios';
import { withStackScenario } from '../../../../bin/scenarios/stack-scenarios';
import { VirtualClock } from '../../../../emulator/core/clock';
import { htmlReport } from '../../../../emulator/runner/html-report/page';
import { scenario } from '../../../../emulator/services/proton/scenarios';
import { type Report, run } from '../../../../emulator/simulation/run';
import { call, deployment, reportOf, resource, state, times } from '../../../helpers/reports';
import { type Element, elementsOf, parseXml, textOf } from '../../../helpers/xml';
import { cancellationStack } from '../../emulator-fixture';

/** Parses the page of a report, and checks what every page must fulfill. */
function read(report: Report): { page: Element; text: string; headings: string[] } {
  const document = htmlReport(report);
  const page = parseXml(document);
  expectSelfContained(page, document);
  expectAccessible(page);
  const body = elementsOf(page, 'body')[0]!;
  const headings = ['h1', 'h2'].flatMap((name) => elementsOf(body, name).map(textOf));
  return { page, text: textOf(body), headings };
}

/** The page fetches nothing and runs nothing. */
function expectSelfContained(page: Element, document: string): void {
  expect(document.startsWith('<!DOCTYPE html>\n')).toBe(true);
  for (const name of ['script', 'link', 'img', 'iframe', 'object', 'embed', 'a', 'form', 'base', 'use', 'image']) {
    expect(elementsOf(page, name)).toEqual([]);
  }
  const attributes = all(page).flatMap((element) => Object.keys(element.attributes));
  expect(attributes.filter((name) => /^on|^(src|href|xlink:href|style|action|srcset)$/.test(name))).toEqual([]);
  const styles = elementsOf(page, 'style').map(textOf);
  expect(styles).toHaveLength(1);
  expect(styles.join()).not.toMatch(/url\(|@import|@font-face|https?:/);
  expect(elementsOf(page, 'meta').map(({ attributes: { content } }) => content)).toContain(
    "default-src 'none'; style-src 'unsafe-inline'",
  );
}

function expectAccessible(page: Element): void {
  expect(page.attributes.lang).toBe('en');
  expect(elementsOf(page, 'title').length).toBeGreaterThan(0);
  expect(elementsOf(page, 'h1')).toHaveLength(1);
  for (const table of elementsOf(page, 'table')) {
    expect(elementsOf(table, 'caption')).toHaveLength(1);
    const columns = elementsOf(elementsOf(table, 'thead')[0]!, 'th');
    for (const column of columns) expect(column.attributes.scope).toBe('col');
    for (const row of elementsOf(elementsOf(table, 'tbody')[0]!, 'tr')) expect(widthOf(row)).toBe(columns.length);
  }
}

function widthOf(row: Element): number {
  const cells = [...elementsOf(row, 'td'), ...elementsOf(row, 'th')];
  return cells.reduce((width, { attributes }) => width + Number(attributes.colspan ?? 1), 0);
}

function all(element: Element): Element[] {
  return [element, ...element.children.flatMap((child) => (typeof child === 'string' ? [] : all(child)))];
}

const assembly = cancellationStack();

function runScenario(name: 'cancelled' | 'cancel-fails' | 'access-denied' | 'throttled'): Promise<Report> {
  return run({ clock: new VirtualClock(), consistency: 'strong', assembly, scenario: scenario(name) });
}

describe('the report', () => {
  test('of a run that succeeds has the result, and the statuses over time', async () => {
    const report = await runScenario('cancelled');
    const { page, text, headings } = read(report);
    expect(headings).toEqual([
      expect.stringMatching(/^CREATE_COMPLETE after 0:4\d$/),
      'Results',
      'Timeline',
      'Outputs',
      'Calls',
      'Events',
    ]);
    expect(text).toMatch(/deployment \S+ of service instance web\/web-prod is CANCELLED/);
    const titles = elementsOf(elementsOf(page, 'svg')[0]!, 'title').map(textOf);
    expect(titles).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^CANCELLING, 0:00 to 0:40$/),
        expect.stringMatching(/^CANCELLED, 0:40/),
        expect.stringMatching(/^AwaitDeployment, 0:0\d to 0:4\d$/),
        expect.stringMatching(/^CREATE_IN_PROGRESS, 0:00 to 0:4\d$/),
      ]),
    );
    for (const [name, value] of Object.entries(report.outputs)) expect(text).toContain(`${name}${value}`);
  });

  test('of a run that fails within a second has the reason, and no timeline', async () => {
    const report = await runScenario('access-denied');
    const { text, headings } = read(report);
    expect(report.statusReason).toMatch(/not allowed to call/);
    expect(text).toContain(report.statusReason);
    expect(text).toContain('AccessDeniedException');
    const { page, text: shortText } = read({ ...report, elapsedSeconds: 0.4 });
    expect(shortText).toContain('there is no timeline');
    expect(elementsOf(page, 'svg')).toEqual([]);
    expect(headings).not.toContain('Outputs');
  });

  test('of a run with failed calls has a lane for them', async () => {
    const { page } = read(await runScenario('throttled'));
    const names = elementsOf(page, 'text').filter(({ attributes }) => attributes.class === 'name');
    expect(names.map(textOf).join('\n')).toContain('proton CancelServiceInstanceDeployment: ThrottlingException');
  });

  test('contains no secrets: no status message, and no response URL', async () => {
    const document = htmlReport(await runScenario('cancel-fails'));
    expect(document).toContain('the cancellation of deployment');
    expect(document).not.toMatch(/failed to roll back|did not stabilize/);
    expect(document).not.toMatch(/X-Amz|Signature|127\.0\.0\.1|ServiceSpec/);
  });

  test('of a fleet names every deployment, if there is room', async () => {
    const fleet = fleetStackScenario('fleet');
    const report = await withStackScenario(fleet, (prepared) =>
      run({ clock: new VirtualClock(), consistency: 'strong', ...prepared, scenario: { name: 'fleet', ...fleet } }),
    );
    const { text } = read(report);
    for (const { resource: path } of report.history.filter((event) => event.kind === 'deployment')) {
      expect(text).toContain(path);
    }
  });
});

test('names are text and never markup', () => {
  const hostile = `</style></title><script>alert("1")</script><img src=x onerror='alert(2)'>&amp;`;
  const { text } = read(
    reportOf({
      scenario: hostile,
      stackStatus: hostile,
      outputs: { [hostile]: hostile },
      statusReason: hostile,
      history: [
        resource(0, hostile, hostile, hostile),
        state(1, hostile),
        { ...deployment(2, hostile, hostile), resource: hostile },
        { atSeconds: 3, kind: 'message', text: hostile },
        call(4, hostile, hostile, hostile),
      ],
      deploymentsBefore: [deployment(-1, hostile, hostile)],
      executions: [
        {
          name: hostile,
          status: hostile,
          outcome: hostile,
          reason: hostile,
          states: [{ name: hostile, fromSeconds: 0, untilSeconds: 9 }],
        },
      ],
    }),
  );
  expect(text.split(hostile).length).toBeGreaterThan(20);
});

test('the report of a thousand deployments is small, and says what it leaves out', () => {
  const ids = times(1000, (index) => `d-${index}`);
  const report = reportOf({
    history: [
      ...ids.map((id) => deployment(0, 'CANCELLING', id)),
      ...times(8000, (index) => call(index / 200, index % 7 === 0 ? 'ThrottlingException' : 'ok')),
      ...ids.map((id) => deployment(40, 'CANCELLED', id)),
    ],
    deploymentsBefore: ids.map((id) => deployment(-60, 'IN_PROGRESS', id)),
    executions: times(60, (index) => ({
      name: `e-${index}`,
      status: 'SUCCEEDED',
      outcome: null,
      reason: null,
      states: times(50, (at) => ({ name: 'Batch', fromSeconds: at / 2, untilSeconds: 30 })),
    })),
  });
  expect(Buffer.byteLength(htmlReport(report))).toBeLessThan(400_000);
  const { text } = read(report);
  expect(text).toContain('984 more deployments: IN_PROGRESS, CANCELLING, CANCELLED');
  expect(text).toMatch(/[\d,]+ rows are left out; --json prints every event/);
  expect(text).toContain('Left out: 50 more executions.');
});

test('a run without events has a report', () => {
  expect(read(reportOf({ elapsedSeconds: 0 })).headings).toEqual(['CREATE_COMPLETE after 0:00', 'Timeline', 'Events']);
});
