import type { Curves, Point } from './measure';

const SIZE = { width: 760, height: 440 };
const PLOT = { left: 76, right: 736, top: 56, bottom: 376 };
const LAG = { from: 0, to: 11.6, ticks: [0, 2, 4, 6, 8, 10] };
const DOLLARS = { from: 0.0005, to: 0.012, ticks: [0.0005, 0.001, 0.002, 0.005, 0.01] };

const COLORS = {
  ours: ['#1a7f37', '#3fb950'],
  framework: ['#cf222e', '#ff7b72'],
  loop: ['#8250df', '#bc8cff'],
} as const;

type Design = keyof typeof COLORS;

function colors(theme: 0 | 1): string {
  return Object.entries(COLORS)
    .map(([design, themes]) => {
      const color = themes[theme];
      return `.${design} path, .${design} .ring { stroke: ${color}; } .${design} circle, .${design} .name { fill: ${color}; }`;
    })
    .join('\n  ');
}

/** The chart has a background, so that it is readable on light and dark pages. */
const STYLE = `
  text { fill: #24292f; font: 12px system-ui, sans-serif; } .title { font-size: 15px; font-weight: 600; } .name { font-weight: 600; }
  .page { fill: #ffffff; } .grid { stroke: #e3e6ea; } .axis { stroke: #8b949e; fill: none; } .note { fill: #57606a; }
  .line { fill: none; stroke-width: 2; } .dashed { stroke-dasharray: 4 3; } .ring { stroke-width: 2; }
  ${colors(0)}
  .ours .ring { fill: none; }
  @media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } .page { fill: #0d1117; } .grid { stroke: #262c36; } .axis { stroke: #6e7681; } .note { fill: #9198a1; }
  ${colors(1)}
  .ours .ring { fill: none; }
  }`;

const x = (lag: number) => PLOT.left + ((lag - LAG.from) / (LAG.to - LAG.from)) * (PLOT.right - PLOT.left);
const y = (dollars: number) => {
  const share = Math.log(dollars / DOLLARS.from) / Math.log(DOLLARS.to / DOLLARS.from);
  return PLOT.bottom - share * (PLOT.bottom - PLOT.top);
};
const at = (value: number) => value.toFixed(1);

/** Draws cost against lag as SVG. */
export function chart({ ours, oursByDwell, framework, waitLoop }: Curves): string {
  const defaultPoint = ours.find(({ setting }) => setting === 1);
  if (!defaultPoint) throw new Error('the default is not among the points of our curve');
  const { width, height } = SIZE;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="cost of a cancellation against lag">
<style>${STYLE}
</style>
<rect class="page" width="${width}" height="${height}" rx="6"/>
<text class="title" x="${PLOT.left}" y="26">Cost against detection time</text>
<text class="note" x="${PLOT.left}" y="44">a cancellation that takes ten minutes, by the mean lag of the detection of its end</text>
${axes()}
${curve('loop', waitLoop, { name: { text: 'Wait loop', dy: -20 }, text: (seconds) => `every ${seconds} s`, side: 'right' })}
${curve('framework', framework, { name: { text: 'provider framework', dy: 18 }, text: (seconds) => `every ${seconds} s`, side: 'right' })}
${curve('ours', oursByDwell, { text: (seconds) => `${seconds} s at a time`, side: 'left', skipped: defaultPoint })}
${curve('ours', ours, { name: { text: 'this library', dy: -12 }, text: (times) => `${times} × the interval`, side: 'below', skipped: defaultPoint })}
<g class="ours"><circle class="ring" cx="${at(x(defaultPoint.lag))}" cy="${at(y(defaultPoint.dollars))}" r="8"/>
<text class="name" x="${at(x(defaultPoint.lag))}" y="${at(y(defaultPoint.dollars) + 42)}" text-anchor="middle">default: 240 s at a time</text></g>
</svg>
`;
}

function axes(): string {
  const { left, right, top, bottom } = PLOT;
  const vertical = LAG.ticks.map(
    (tick) =>
      `<path class="grid" d="M${at(x(tick))} ${top}V${bottom}"/><text class="note" x="${at(x(tick))}" y="${bottom + 18}" text-anchor="middle">${tick} s</text>`,
  );
  const horizontal = DOLLARS.ticks.map(
    (tick) =>
      `<path class="grid" d="M${left} ${at(y(tick))}H${right}"/><text class="note" x="${left - 8}" y="${at(y(tick) + 4)}" text-anchor="end">$${tick}</text>`,
  );
  return [
    ...vertical,
    ...horizontal,
    `<path class="axis" d="M${left} ${top}V${bottom}H${right}"/>`,
    `<text class="note" x="${(left + right) / 2}" y="${bottom + 40}" text-anchor="middle">mean lag between the end of the deployment and the response</text>`,
  ].join('\n');
}

interface CurveStyle {
  /** The name of the curve, `dy` pixels below its last point. */
  readonly name?: { readonly text: string; readonly dy: number };
  readonly text: (setting: number) => string;
  /** The position of the texts of the points. */
  readonly side: 'left' | 'right' | 'below';
  /** A point without a text. */
  readonly skipped?: Point;
}

const SIDES = {
  left: { dx: -10, dy: -1, anchor: 'end' },
  right: { dx: 9, dy: -4, anchor: 'start' },
  below: { dx: 0, dy: 20, anchor: 'middle' },
} as const;

function curve(design: Design, points: readonly Point[], { name, text, side, skipped }: CurveStyle): string {
  const last = points.at(-1);
  if (!last) throw new Error(`the curve ${design} has no points`);
  const { dx, dy, anchor } = SIDES[side];
  const line = points.map(({ lag, dollars }) => `${at(x(lag))} ${at(y(dollars))}`).join('L');
  const marks = points.map(({ setting, lag, dollars }) => {
    const dot = `<circle cx="${at(x(lag))}" cy="${at(y(dollars))}" r="4"/>`;
    if (dollars === skipped?.dollars) return dot;
    const place = `x="${at(x(lag) + dx)}" y="${at(y(dollars) + dy)}" text-anchor="${anchor}"`;
    return `${dot}<text class="note" ${place}>${text(setting)}</text>`;
  });
  const title = name
    ? `<text class="name" x="${PLOT.right}" y="${at(y(last.dollars) + name.dy)}" text-anchor="end">${name.text}</text>`
    : '';
  return `<g class="${design}"><path class="line${side === 'left' ? ' dashed' : ''}" d="M${line}"/>${marks.join('')}${title}</g>`;
}
