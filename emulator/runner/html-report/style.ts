import { MIN_WIDTH } from './drawing';

/** The style sheet, light and dark. A status style has a color of its text, and one of its bar. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --text: #1b1f24; --faint: #57606a; --line: #d0d7de; --panel: #f6f8fa;
  --good: #116329; --good-bar: #aceebb; --bad: #a40e26; --bad-bar: #ffc1ba; --undone: #7d4e00; --undone-bar: #f8d878;
  --moving: #0a4f9e; --moving-bar: #b6dcff; --plain: #424a53; --plain-bar: #ced5dc;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0d1117; --text: #e6edf3; --faint: #9aa4af; --line: #30363d; --panel: #161b22;
    --good: #7ee787; --good-bar: #1a5c2c; --bad: #ffa198; --bad-bar: #8b1a1f; --undone: #f0c64f; --undone-bar: #694a05;
    --moving: #9ecbff; --moving-bar: #174a80; --plain: #c3ccd5; --plain-bar: #444c56;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2rem clamp(1rem, 3vw, 3rem) 3rem; max-width: 90rem;
  background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif;
}
h1 { margin: 0 0 .25rem; font-size: 1.7rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 2.25rem 0 .75rem; font-size: 1.2rem; }
p { margin: .5rem 0; max-width: 75ch; overflow-wrap: anywhere; }
.scenario, .note, caption, footer { color: var(--faint); }
.reason { border-left: 4px solid var(--bad); background: var(--panel); padding: .6rem 1rem; max-width: none; }
.facts { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.25rem 0; padding: 0; }
.facts div { flex: 0 1 auto; min-width: 7rem; padding: .5rem .9rem; border: 1px solid var(--line); border-radius: 6px; background: var(--panel); }
dt { color: var(--faint); font-size: .8rem; }
dd { margin: 0; font-size: 1.15rem; font-weight: 600; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
.scroll svg[role=img] { display: block; min-width: ${MIN_WIDTH}px; }
table { border-collapse: collapse; width: 100%; font-size: .85rem; }
caption { text-align: left; padding-bottom: .4rem; }
th, td { padding: .25rem .75rem .25rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
td, tbody th { overflow-wrap: anywhere; font-weight: normal; }
td.number, td.time, th.time { font-variant-numeric: tabular-nums; white-space: nowrap; overflow-wrap: normal; }
td.number { text-align: right; }
.narrow { width: auto; min-width: min(100%, 22rem); }
td span:not(.plain) { white-space: nowrap; }
.note { font-size: .85rem; margin: .6rem 0 0; }
ul.note { margin: .2rem 0; padding-left: 1.2rem; }
.wide { min-width: 64rem; table-layout: fixed; }
.middle { min-width: 40rem; }
th.time { width: 4rem; } th.kind { width: 7.5rem; } th.status { width: 17rem; } th.group { width: 13rem; } th.what { width: 36%; }
tr.gap td { text-align: center; color: var(--faint); background: var(--panel); padding: .6rem; }
summary { cursor: pointer; color: var(--faint); margin: .75rem 0; }
footer { margin-top: 2.5rem; padding-top: .75rem; border-top: 1px solid var(--line); font-size: .85rem; }
svg text { font: 12px system-ui, sans-serif; fill: var(--text); }
svg .group { font-size: 13px; font-weight: 600; }
svg .name, svg .time { fill: var(--faint); }
svg .name, svg .group { stroke: var(--page); stroke-width: 4; paint-order: stroke; }
svg .time { font-variant-numeric: tabular-nums; }
svg .tick, svg .lane { stroke: var(--line); stroke-width: 1; }
svg .lane { stroke-dasharray: 1 3; }
svg .label { font-size: 11px; font-weight: 600; }
${['good', 'bad', 'undone', 'moving', 'plain']
  .map(
    (style) =>
      `span.${style}, dd.${style} { color: var(--${style}); }\nsvg .bar.${style} { fill: var(--${style}-bar); stroke: var(--${style}); stroke-width: 1; }\nsvg .label.${style} { fill: var(--text); }`,
  )
  .join('\n')}
@media print { body { padding: 0; } details:not([open]) { display: none; } }
`;
