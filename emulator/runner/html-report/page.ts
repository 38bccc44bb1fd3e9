import { callsByService } from '../../simulation/calls-by-service';
import type { ExecutionReport } from '../../simulation/report-execution';
import type { Report } from '../../simulation/run';
import { elapsed } from '../report';
import { styleOf } from '../status-style';
import { drawing } from './drawing';
import { type EventRow, eventTable } from './events';
import { type LaneGroup, laneGroups } from './lanes';
import { html, Markup } from './markup';
import { STYLE } from './style';

/** The report of a run as one HTML page, without scripts, fonts or network requests. */
export function htmlReport(report: Report): string {
  const { scenario, stackStatus, elapsedSeconds } = report;
  const page = html`<html xmlns="http://www.w3.org/1999/xhtml" lang="en">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>${scenario}: ${stackStatus} after ${elapsed(elapsedSeconds)}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<header>
<p class="scenario">Scenario ${scenario}</p>
<h1>${status(stackStatus)} after ${elapsed(elapsedSeconds)}</h1>
${report.statusReason === null ? '' : html`<p class="reason">${report.statusReason}</p>`}
</header>
<main>
${facts(report)}
${results(report.executions)}
${timeline(report)}
${outputs(report)}
${calls(report)}
${events(report)}
</main>
<footer>
<p>Times are minutes and seconds since the start of the run. The run took place on the emulator of cdk-deployment-cancellation, not in an AWS account.</p>
</footer>
</body>
</html>
`;
  return `<!DOCTYPE html>\n${page.text}`;
}

function status(text: string): Markup {
  return html`<span class="${styleOf(text)}">${text}</span>`;
}

function facts({ stackStatus, elapsedSeconds, counts, executions, history }: Report): Markup {
  const outcomes = executions.flatMap(({ outcome }) => outcome ?? []);
  const sum = callsByService(history).reduce((total, [, count]) => total + count, 0);
  const all: [name: string, value: string | number][] = [
    // The last outcome depends on the others.
    ['Outcome', outcomes.at(-1) ?? ''],
    ['Stack', stackStatus],
    ['Duration', elapsed(elapsedSeconds)],
    ['Function invocations', counts.lambdaInvocations],
    ['State transitions', counts.stateTransitions],
    ['Calls of services', sum],
  ];
  return html`<dl class="facts">
${all
  .filter(([, value]) => value !== '')
  .map(
    ([name, value]) => html`<div><dt>${name}</dt>${
      typeof value === 'string'
        ? html`<dd class="${styleOf(value)}">${value}</dd>`
        : html`<dd>${value.toLocaleString('en')}</dd>`
    }</div>
`,
  )}</dl>`;
}

/** The largest number of executions in the table. */
const MAX_EXECUTIONS = 10;

function results(executions: readonly ExecutionReport[]): Markup | string {
  if (executions.length === 0) return '';
  const omitted = executions.length - MAX_EXECUTIONS;
  return html`<section>
<h2>Results</h2>
<div class="scroll"><table class="middle">
<caption>The executions of the state machines</caption>
<thead><tr><th scope="col">Execution</th><th scope="col">Status</th><th scope="col">Outcome</th><th scope="col">Reason</th></tr></thead>
<tbody>
${executions.slice(0, MAX_EXECUTIONS).map(
  ({ name, status: executionStatus, outcome, reason }) =>
    html`<tr><th scope="row">${name}</th><td>${status(executionStatus)}</td><td>${outcome === null ? '' : status(outcome)}</td><td>${reason ?? ''}</td></tr>
`,
)}</tbody>
</table></div>
${omitted > 0 ? html`<p class="note">Left out: ${omitted.toLocaleString('en')} more executions.</p>` : ''}
</section>`;
}

function timeline(report: Report): Markup {
  const groups = laneGroups(report);
  // Times are rounded to seconds.
  const isInstant = Math.round(report.elapsedSeconds) === 0;
  const omitted = groups.flatMap((group) => group.omitted);
  return html`<section>
<h2>Timeline</h2>
${
  isInstant
    ? html`<p class="note">The run took less than a second, so there is no timeline. The table of events has the order.</p>`
    : html`<div class="scroll">${drawing(groups, report.elapsedSeconds)}</div>`
}
${omitted.length === 0 ? '' : html`<p class="note">Not in the timeline:</p>\n<ul class="note">${omitted.map((text) => html`<li>${text}</li>`)}</ul>`}
<details>
<summary>The timeline as a table</summary>
<div class="scroll">${laneTable(groups)}</div>
</details>
</section>`;
}

function laneTable(groups: readonly LaneGroup[]): Markup {
  const rows = groups.flatMap(({ title, lanes }) =>
    lanes.flatMap(({ name, spans }) => spans.map((span) => ({ title, name, span }))),
  );
  return html`<table class="wide">
<caption>Statuses and events over time</caption>
<thead><tr><th scope="col" class="time">From</th><th scope="col" class="time">Until</th><th scope="col" class="status">Status</th><th scope="col" class="group">Group</th><th scope="col">Lane</th></tr></thead>
<tbody>
${rows.map(
  ({ title, name, span: { text, fromSeconds, untilSeconds, style } }) =>
    html`<tr><td class="time">${elapsed(fromSeconds)}</td><td class="time">${elapsed(untilSeconds)}</td><td><span class="${style}">${text}</span></td><td>${title}</td><td>${name}</td></tr>
`,
)}</tbody>
</table>`;
}

function outputs({ outputs: all }: Report): Markup | string {
  const entries = Object.entries(all);
  if (entries.length === 0) return '';
  return html`<section>
<h2>Outputs</h2>
<div class="scroll"><table class="narrow">
<caption>The outputs of the stack</caption>
<thead><tr><th scope="col">Name</th><th scope="col">Value</th></tr></thead>
<tbody>
${entries.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${status(value)}</td></tr>\n`)}</tbody>
</table></div>
</section>`;
}

function calls({ history }: Report): Markup | string {
  const services = callsByService(history);
  if (services.length === 0) return '';
  return html`<section>
<h2>Calls</h2>
<div class="scroll"><table class="narrow">
<caption>The calls that the emulator answered</caption>
<thead><tr><th scope="col">Service</th><th scope="col">Calls</th></tr></thead>
<tbody>
${services.map(([service, count]) => html`<tr><th scope="row">${service}</th><td class="number">${count.toLocaleString('en')}</td></tr>\n`)}</tbody>
</table></div>
</section>`;
}

function events({ history }: Report): Markup {
  const { start, omitted, end } = eventTable(history);
  return html`<section>
<h2>Events</h2>
<div class="scroll"><table class="wide">
<caption>All events, in order; a call that succeeds several times in a row is one row</caption>
<thead><tr><th scope="col" class="time">Time</th><th scope="col" class="kind">Kind</th><th scope="col" class="what">What</th><th scope="col" class="status">Status or answer</th><th scope="col">Detail</th></tr></thead>
<tbody>
${start.map(eventRow)}${
  omitted === 0
    ? ''
    : html`<tr class="gap"><td colspan="5">${omitted.toLocaleString('en')} rows are left out; --json prints every event</td></tr>\n`
}${end.map(eventRow)}</tbody>
</table></div>
</section>`;
}

function eventRow({ time, kind, what, status: text, style, detail }: EventRow): Markup {
  return html`<tr><td class="time">${time}</td><td>${kind}</td><td>${what}</td><td><span class="${style}">${text}</span></td><td>${detail}</td></tr>
`;
}
