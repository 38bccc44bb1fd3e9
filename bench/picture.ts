import type { Curves, Point } from './measure';

const SIZE = { width: 760, height: 440 };
const PLOT = { left: 76, right: 736, top: 56, bottom: 376 };
const LAG = { from: 0, to: 11.6, ticks: [0, 2, 4, 6, 8, 10] };
const DOLLARS = { from: 0.0005, to: 0.012, ticks: [0.0005, 0.001, 0.002, 0.005, 0.01] };

const COLOURS = {
  ours: ['#1a7f37', '#3fb950'],
  framework: ['#cf222e', '#ff7b72'],
  loop: ['#8250df', '#bc8cff'],
} as const;

type Design = keyof typeof COLOURS;

function colours(theme: 0 | 1): string {
  return Object.entries(COLOURS)
    .map(([design, themes]) => {
      const colour = themes[theme];
      return `.${design} path, .${design} .ring { stroke: ${colour}; } .${design} circle, .${design} .name { fill: ${colour}; }`;
    })
    .join('\n  ');
}

/** The background is its own, so that the picture can be read on any page. */
const STYLE = `
  text { fill: #24292f; font: 12px system-ui, sans-serif; } .title { font-size: 15px; font-weight: 600; } .name { font-weight: 600; }
  .page { fill: #ffffff; } .grid { stroke: #e3e6ea; } .axis { stroke: #8b949e; fill: none; } .note { fill: #57606a; }
  .line { fill: none; stroke-width: 2; } .dashed { stroke-dasharray: 4 3; } .ring { stroke-width: 2; }
  ${colours(0)}
  .ours .ring { fill: none; }
  @media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } .page { fill: #0d1117; } .grid { stroke: #262c36; } .axis { stroke: #6e7681; } .note { fill: #9198a1; }
  ${colours(1)}
  .ours .ring { fill: none; }
  }`;

const x = (lag: number) => PLOT.left + ((lag - LAG.from) / (LAG.to - LAG.from)) * (PLOT.right - PLOT.left);
const y = (dollars: number) => {
  const share = Math.log(dollars / DOLLARS.from) / Math.log(DOLLARS.to / DOLLARS.from);
  return PLOT.bottom - share * (PLOT.bottom - PLOT.top);
};
const at = (value: number) => value.toFixed(1);

/** Cost against lag, as SVG. */
export function picture({ ours, oursByDwell, framework, waitLoop }: Curves): string {
  const chosen = ours.find(({ setting }) => setting === 1);
  if (!chosen) throw new Error('our own default is not among the points');
  const { width, height } = SIZE;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="cost of a cancellation against lag">
<style>${STYLE}
</style>
<rect class="page" width="${width}" height="${height}" rx="6"/>
<text class="title" x="${PLOT.left}" y="26">What it costs to notice sooner</text>
<text class="note" x="${PLOT.left}" y="44">a cancellation that takes ten minutes, of which the end is noticed with a mean lag of …</text>
${axes()}
${curve('loop', waitLoop, { name: { text: 'Wait loop', dy: -20 }, text: (seconds) => `every ${seconds} s`, side: 'right' })}
${curve('framework', framework, { name: { text: 'provider framework', dy: 18 }, text: (seconds) => `every ${seconds} s`, side: 'right' })}
${curve('ours', oursByDwell, { text: (seconds) => `${seconds} s at a time`, side: 'left', chosen })}
${curve('ours', ours, { name: { text: 'this library', dy: -12 }, text: (times) => `${times} × the interval`, side: 'below', chosen })}
<g class="ours"><circle class="ring" cx="${at(x(chosen.lag))}" cy="${at(y(chosen.dollars))}" r="8"/>
<text class="name" x="${at(x(chosen.lag))}" y="${at(y(chosen.dollars) + 42)}" text-anchor="middle">default: 240 s at a time</text></g>
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
    `<text class="note" x="${(left + right) / 2}" y="${bottom + 40}" text-anchor="middle">mean lag between the end of the deployment and the answer</text>`,
  ].join('\n');
}

interface Look {
  /** Stands at the last point, so much lower. */
  readonly name?: { readonly text: string; readonly dy: number };
  readonly text: (setting: number) => string;
  /** Where the texts of the points stand. */
  readonly side: 'left' | 'right' | 'below';
  /** The point that has a text of its own. */
  readonly chosen?: Point;
}

const SIDES = {
  left: { dx: -10, dy: -1, anchor: 'end' },
  right: { dx: 9, dy: -4, anchor: 'start' },
  below: { dx: 0, dy: 20, anchor: 'middle' },
} as const;

function curve(design: Design, points: readonly Point[], { name, text, side, chosen }: Look): string {
  const last = points.at(-1);
  if (!last) throw new Error(`the curve ${design} has no points`);
  const { dx, dy, anchor } = SIDES[side];
  const line = points.map(({ lag, dollars }) => `${at(x(lag))} ${at(y(dollars))}`).join('L');
  const marks = points.map(({ setting, lag, dollars }) => {
    const dot = `<circle cx="${at(x(lag))}" cy="${at(y(dollars))}" r="4"/>`;
    if (dollars === chosen?.dollars) return dot;
    const place = `x="${at(x(lag) + dx)}" y="${at(y(dollars) + dy)}" text-anchor="${anchor}"`;
    return `${dot}<text class="note" ${place}>${text(setting)}</text>`;
  });
  const title = name
    ? `<text class="name" x="${PLOT.right}" y="${at(y(last.dollars) + name.dy)}" text-anchor="end">${name.text}</text>`
    : '';
  return `<g class="${design}"><path class="line${side === 'left' ? ' dashed' : ''}" d="M${line}"/>${marks.join('')}${title}</g>`;
}
