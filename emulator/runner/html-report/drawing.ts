import { elapsed } from '../report';
import type { StatusStyle } from '../status-style';
import type { Lane, LaneGroup, Span } from './lanes';
import { html, Markup } from './markup';

/** Heights are pixels, and widths percentages, so that only the axis of time is scaled. */
const AXIS = 24;
const TITLE = 34;
const LANE = 42;
const BAR = { top: 20, height: 16 };
/** In pixels. A narrower page scrolls the drawing sideways. */
export const MIN_WIDTH = 640;
/** In pixels. A shorter span is drawn as a mark of this width. */
const MARK = 4;
const MARK_PERCENT = (MARK / MIN_WIDTH) * 100;

/** The timeline as SVG. The page has a table with the same lanes for readers who cannot see it. */
export function drawing(groups: readonly LaneGroup[], endSeconds: number): Markup {
  return drawn(groups, endSeconds, '100%');
}

/** The timeline as an SVG document of its own. */
export function picture(groups: readonly LaneGroup[], endSeconds: number, style: string): Markup {
  const background = html`<rect width="100%" height="100%" fill="var(--page)"/>`;
  return drawn(groups, endSeconds, '880', html`<style>${new Markup(style)}</style>\n${background}\n`);
}

function drawn(groups: readonly LaneGroup[], endSeconds: number, width: string, head: Markup | string = ''): Markup {
  const percent = (seconds: number) => Math.min(100, Math.max(0, (seconds / endSeconds) * 100));
  const shown = groups.filter(({ lanes }) => lanes.length > 0);
  const parts: Markup[] = [];
  let top = AXIS;
  for (const { title, lanes } of shown) {
    parts.push(html`<text class="group" x="0" y="${top + 24}">${title}</text>`);
    top += TITLE;
    for (const lane of lanes) {
      parts.push(drawnLane(lane, top, percent));
      top += LANE;
    }
  }
  const ticks = ticksOf(endSeconds).map((seconds) => tick(seconds, percent(seconds), top));
  return html`<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="timeline-title timeline-desc" width="${width}" height="${top}">
<title id="timeline-title">Timeline</title>
<desc id="timeline-desc">${description(shown, endSeconds)}</desc>
${head}${ticks}
${parts}
</svg>`;
}

function description(groups: readonly LaneGroup[], endSeconds: number): string {
  const counts = groups.map(({ title, lanes }) => `${title} (${lanes.length})`).join(', ');
  return `Lanes from 0:00 to ${elapsed(endSeconds)}: ${counts}.`;
}

function tick(seconds: number, x: number, bottom: number): Markup {
  const anchor = x > 95 ? 'end' : 'start';
  return html`<line class="tick" x1="${x}%" x2="${x}%" y1="${AXIS - 6}" y2="${bottom}"/><text class="time" x="${x}%" y="12" text-anchor="${anchor}">${elapsed(seconds)}</text>
`;
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
const MAX_TICKS = 9;

/** Round times between the start and the end. */
export function ticksOf(endSeconds: number): number[] {
  const step =
    STEPS.find((candidate) => endSeconds / candidate < MAX_TICKS) ?? Math.ceil(endSeconds / MAX_TICKS / 3600) * 3600;
  return Array.from({ length: Math.floor(endSeconds / step) + 1 }, (_, index) => index * step);
}

function drawnLane({ name, spans }: Lane, top: number, percent: (seconds: number) => number): Markup {
  const bars = visible(spans, percent).map((bar) => drawnBar(bar, top + BAR.top));
  return html`<text class="name" x="0" y="${top + 13}">${shortened(name)}<title>${name}</title></text>
<line class="lane" x1="0" x2="100%" y1="${top + BAR.top + BAR.height / 2}" y2="${top + BAR.top + BAR.height / 2}"/>
${bars}`;
}

interface Bar {
  readonly x: number;
  /** Undefined for a mark. */
  readonly width?: number;
  readonly style: StatusStyle;
  readonly label: string;
  readonly title: string;
}

/** The bars of a lane. Spans that are too short to be drawn side by side become one mark. */
function visible(spans: readonly Span[], percent: (seconds: number) => number): Bar[] {
  const bars: Bar[] = [];
  const marks = new Map<number, Span[]>();
  for (const span of spans) {
    const [x, end] = [percent(span.fromSeconds), percent(span.untilSeconds)];
    if (end - x < MARK_PERCENT) {
      const slot = Math.round(x / MARK_PERCENT);
      marks.set(slot, [...(marks.get(slot) ?? []), span]);
    } else {
      bars.push({ x, width: end - x, style: span.style, label: labelOf(span, end - x), title: titleOf(span) });
    }
  }
  for (const marked of marks.values()) {
    const x = Math.min(percent(marked[0]?.fromSeconds ?? 0), 100 - MARK_PERCENT);
    bars.push({ x, style: worst(marked), label: '', title: marked.map(titleOf).join('; ') });
  }
  return bars;
}

const BY_SEVERITY: readonly StatusStyle[] = ['bad', 'undone', 'good', 'moving', 'plain'];

function worst(spans: readonly Span[]): StatusStyle {
  return BY_SEVERITY.find((style) => spans.some((span) => span.style === style)) ?? 'plain';
}

function titleOf({ text, fromSeconds, untilSeconds }: Span): string {
  const [from, until] = [elapsed(fromSeconds), elapsed(untilSeconds)];
  return `${text}, ${from}${until === from ? '' : ` to ${until}`}`;
}

/** The approximate width of a capital letter of a label, in pixels. */
const LETTER = 7.2;

/** The label of a bar; empty if it does not fit at the smallest width of the drawing. */
function labelOf({ text }: Span, percent: number): string {
  return text.length * LETTER + 12 < (percent / 100) * MIN_WIDTH ? text : '';
}

function drawnBar({ x, width, style, label, title }: Bar, top: number): Markup {
  const [at, extent] = [`${rounded(x)}%`, width === undefined ? `${MARK}` : `${rounded(width)}%`];
  const text = label === '' ? '' : html`<text class="label ${style}" x="6" y="12">${label}</text>`;
  // A nested svg element clips a label that is too long.
  return html`<svg x="${at}" y="${top}" width="${extent}" height="${BAR.height}"><title>${title}</title><rect class="bar ${style}" width="100%" height="100%" rx="2"/>${text}</svg>
`;
}

function rounded(percent: number): number {
  return Math.round(percent * 1000) / 1000;
}

const NAME = { head: 62, tail: 24 };

/** Cuts the middle out of a long name. */
function shortened(name: string): string {
  const letters = Array.from(name);
  if (letters.length <= NAME.head + NAME.tail) return name;
  return `${letters.slice(0, NAME.head).join('')}…${letters.slice(-NAME.tail).join('')}`;
}
