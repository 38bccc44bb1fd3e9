import type { Arrow, Box, Graph } from './graph';

// The package is a CommonJS module, but its types declare an ES module.
const { Graph: Layout, layout } = require('@dagrejs/dagre') as typeof import('@dagrejs/dagre', { with: {
  'resolution-mode': 'import',
}});

const MARGIN = 20;
const TITLE = 34;
const LINE = 15;
/** The average width of a letter, in pixels. */
const LETTER = 6.7;
/** The same, on arrows. */
const ARROW_LETTER = 6.1;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Draws a graph as SVG that is readable on light and dark pages. */
export function svgOf(graph: Graph): string {
  const { boxes, arrows } = graph;
  const plan = new Layout({ multigraph: true });
  plan.setGraph({ rankdir: 'TB', nodesep: 36, ranksep: 44, edgesep: 24, marginx: MARGIN, marginy: MARGIN });
  for (const box of boxes) plan.setNode(box.id, sizeOf(box));
  arrows.forEach(({ from, to, lines }, index) => {
    const width = lines.length === 0 ? 0 : widthOf(lines) + 12;
    plan.setEdge(from, to, { width, height: lines.length * LINE, labelpos: 'c' }, String(index));
  });
  layout(plan);
  const { width = 0, height = 0 } = plan.graph() as { width?: number; height?: number };
  const placed = arrows.map((arrow, index) => ({
    arrow,
    path: plan.edge(arrow.from, arrow.to, String(index)) as ArrowPlan,
  }));
  const elements = [
    ...placed.map(({ arrow, path }) => drawArrow(arrow, path)),
    // Texts are drawn above all arrows.
    ...placed.map(({ arrow, path }) => drawText(arrow, path)).filter((text) => text !== ''),
    ...boxes.map((box) => drawBox(box, plan.node(box.id) as Point & { width: number; height: number })),
  ];
  const size = `width="${at(width)}" height="${at(height + TITLE)}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${at(width)} ${at(height + TITLE)}" role="img" aria-labelledby="title description">
<title id="title">${escaped(graph.title)}</title>
<desc id="description">${escaped(graph.description)}</desc>
<style>${STYLE}</style>
<defs>${['', 'failing'].map(head).join('')}</defs>
<rect class="page" ${size} rx="6"/>
<text class="title" x="${MARGIN}" y="26">${escaped(graph.title)}</text>
<g transform="translate(0 ${TITLE})">
${elements.join('\n')}
</g>
</svg>
`;
}

const STYLE = `
text { fill: #24292f; font: 12px system-ui, sans-serif; text-anchor: middle; } .title { font-size: 15px; font-weight: 600; text-anchor: start; }
.label { font-weight: 600; } .note, .arrow-text { fill: #57606a; font-size: 11px; } .page { fill: #ffffff; }
.box { fill: #f6f8fa; stroke: #8b949e; } .own .box { fill: #ddf4ff; stroke: #0969da; } .good .box { fill: #dafbe1; stroke: #1a7f37; }
.bad .box { fill: #ffebe9; stroke: #cf222e; } .choice .box, .wait .box { fill: #fff8c5; stroke: #9a6700; }
.arrow { fill: none; stroke: #57606a; stroke-width: 1.3; } .head { fill: #57606a; } .failing .arrow { stroke: #cf222e; stroke-dasharray: 4 3; } .head.failing { fill: #cf222e; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; } .note, .arrow-text { fill: #9198a1; } .page { fill: #0d1117; }
.box { fill: #161b22; stroke: #6e7681; } .own .box { fill: #0c2d4a; stroke: #4493f8; } .good .box { fill: #0f2e1a; stroke: #3fb950; }
.bad .box { fill: #3c1618; stroke: #f85149; } .choice .box, .wait .box { fill: #332605; stroke: #d29922; }
.arrow { stroke: #9198a1; } .head { fill: #9198a1; } .failing .arrow { stroke: #f85149; } .head.failing { fill: #f85149; }
}
`;

function head(kind: string): string {
  return `<marker id="head${kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="head ${kind}" d="M0 0 8 4 0 8z"/></marker>`;
}

function sizeOf({ label, note, style }: Box): { width: number; height: number } {
  const text = widthOf([label, ...(note === undefined ? [] : [note])]);
  return { width: text + (style === 'choice' ? 60 : 28), height: note === undefined ? 34 : 46 };
}

function drawBox(
  { label, note, style }: Box,
  { x, y, width, height }: Point & { width: number; height: number },
): string {
  const [left, top] = [x - width / 2, y - height / 2];
  const shape =
    style === 'choice'
      ? `<path class="box" d="M${at(left)} ${at(y)} L${at(left + 16)} ${at(top)} H${at(left + width - 16)} L${at(left + width)} ${at(y)} L${at(left + width - 16)} ${at(top + height)} H${at(left + 16)}z"/>`
      : `<rect class="box" x="${at(left)}" y="${at(top)}" width="${at(width)}" height="${at(height)}" rx="${style === 'wait' ? height / 2 : 6}"/>`;
  const baseline = note === undefined ? y + 4 : y - 3;
  const below = note === undefined ? '' : `<text class="note" x="${at(x)}" y="${at(y + 13)}">${escaped(note)}</text>`;
  return `<g class="${style}">${shape}<text class="label" x="${at(x)}" y="${at(baseline)}">${escaped(label)}</text>${below}</g>`;
}

interface ArrowPlan extends Partial<Point> {
  readonly points: readonly Point[];
  readonly height: number;
}

function drawArrow({ failing }: Arrow, { points }: ArrowPlan): string {
  const kind = failing ? 'failing' : '';
  return `<g class="${kind}"><path class="arrow" marker-end="url(#head${kind})" d="${curve(points)}"/></g>`;
}

/** Draws the text of an arrow on a background that hides the arrow. */
function drawText({ lines }: Arrow, { x = 0, y = 0, height }: ArrowPlan): string {
  if (lines.length === 0) return '';
  const top = y - height / 2;
  const width = widthOf(lines, ARROW_LETTER);
  const texts = lines.map(
    (line, index) => `<text class="arrow-text" x="${at(x)}" y="${at(top + index * LINE + 11)}">${escaped(line)}</text>`,
  );
  return `<rect class="page" x="${at(x - width / 2)}" y="${at(top)}" width="${at(width)}" height="${at(height)}"/>${texts.join('')}`;
}

/** A smooth path through the middles of the segments. */
function curve(points: readonly Point[]): string {
  const [first, ...others] = points;
  const end = others.at(-1);
  if (!first || !end) return '';
  const middles = others.slice(0, -1).map((point, index) => {
    const next = others[index + 1] as Point;
    return `Q${place(point)} ${place({ x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 })}`;
  });
  return `M${place(first)} ${middles.join(' ')} L${place(end)}`;
}

const place = ({ x, y }: Point) => `${at(x)} ${at(y)}`;
const at = (value: number) => String(Math.round(value * 10) / 10);
const widthOf = (lines: readonly string[], letter = LETTER) =>
  Math.ceil(Math.max(...lines.map(({ length }) => length)) * letter);
const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
