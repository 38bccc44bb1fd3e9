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

/** What happened in a run, as one page that needs nothing else: no script, no font, no network. */
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
<p class="displayName">Scenario ${scenario}</p>
<h1>${status(stackStatus)} after ${elapsed(elapsedSeconds)}</h1>
${report.statusReason === null ? '' : html`<p class="reason">${report.statusReason}</p>`}
</header>
<main>
${facts(report)}
${endings(report.executions)}
${timeline(report)}
${outputs(report)}
${calls(report)}
${events(report)}
</main>
<footer>
<p>Times are minutes and seconds since the beginning of the run. It took place on the embedded cloud of cdk-deployment-cancellation, not in an AWS account.</p>
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
    // The last one is what the others have led to.
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

/** More would not be read. */
const MOST_ENDINGS = 10;

function endings(executions: readonly ExecutionReport[]): Markup | string {
  if (executions.length === 0) return '';
  const left = executions.length - MOST_ENDINGS;
  return html`<section>
<h2>How it ended</h2>
<div class="scroll"><table class="middle">
<caption>What the state machines came to</caption>
<thead><tr><th scope="col">Execution</th><th scope="col">Status</th><th scope="col">Outcome</th><th scope="col">Reason</th></tr></thead>
<tbody>
${executions.slice(0, MOST_ENDINGS).map(
  ({ name, status: ended, outcome, reason }) =>
    html`<tr><th scope="row">${name}</th><td>${status(ended)}</td><td>${outcome === null ? '' : status(outcome)}</td><td>${reason ?? ''}</td></tr>
`,
)}</tbody>
</table></div>
${left > 0 ? html`<p class="note">Left out: ${left.toLocaleString('en')} more executions.</p>` : ''}
</section>`;
}

function timeline(report: Report): Markup {
  const groups = laneGroups(report);
  // What is less is 0:00 everywhere.
  const isMoment = Math.round(report.elapsedSeconds) === 0;
  const leftOut = groups.flatMap((group) => group.leftOut);
  return html`<section>
<h2>Timeline</h2>
${
  isMoment
    ? html`<p class="note">All of it happened within a second, so that there is no time to draw: the table of events has its order.</p>`
    : html`<div class="scroll">${drawing(groups, report.elapsedSeconds)}</div>`
}
${leftOut.length === 0 ? '' : html`<p class="note">Not in the timeline:</p>\n<ul class="note">${leftOut.map((text) => html`<li>${text}</li>`)}</ul>`}
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
<caption>What was the case from when until when</caption>
<thead><tr><th scope="col" class="time">From</th><th scope="col" class="time">Until</th><th scope="col" class="status">What</th><th scope="col" class="of">Of</th><th scope="col">Who</th></tr></thead>
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
<caption>Calls that the embedded cloud has answered</caption>
<thead><tr><th scope="col">Service</th><th scope="col">Calls</th></tr></thead>
<tbody>
${services.map(([service, count]) => html`<tr><th scope="row">${service}</th><td class="number">${count.toLocaleString('en')}</td></tr>\n`)}</tbody>
</table></div>
</section>`;
}

function events({ history }: Report): Markup {
  const { beginning, leftOut, end } = eventTable(history);
  return html`<section>
<h2>Events</h2>
<div class="scroll"><table class="wide">
<caption>Everything that happened, in its order; a call that went well again and again is one row</caption>
<thead><tr><th scope="col" class="time">Time</th><th scope="col" class="kind">Kind</th><th scope="col" class="what">What</th><th scope="col" class="status">Status or answer</th><th scope="col">Detail</th></tr></thead>
<tbody>
${beginning.map(eventRow)}${
  leftOut === 0
    ? ''
    : html`<tr class="gap"><td colspan="5">${leftOut.toLocaleString('en')} rows are left out here; --json prints every event</td></tr>\n`
}${end.map(eventRow)}</tbody>
</table></div>
</section>`;
}

function eventRow({ time, kind, what, status: told, style, detail }: EventRow): Markup {
  return html`<tr><td class="time">${time}</td><td>${kind}</td><td>${what}</td><td><span class="${style}">${told}</span></td><td>${detail}</td></tr>
`;
}
