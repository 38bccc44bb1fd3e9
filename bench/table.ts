import { type Figure, isMet } from './figures';

const HEADER = ['', 'provider framework', 'this library', 'ratio', 'goal'] as const;

type Row = readonly string[];

function row(figure: Figure): Row {
  const { name, ours, peer, format, spread } = figure;
  const range = spread ? ` (${format(spread.min)} to ${format(spread.max)})` : '';
  return [
    name,
    peer === undefined ? '–' : format(peer),
    `${format(ours)}${range}`,
    peer === undefined ? '–' : (ours / peer).toFixed(2),
    isMet(figure) === undefined ? '–' : `≤ ${most(figure)}${isMet(figure) ? '' : ', missed'}`,
  ];
}

function most({ goal, goalRatio, format }: Figure): string {
  return goalRatio === undefined ? format(goal ?? Number.NaN) : `a ratio of ${goalRatio.toFixed(2)}`;
}

/** The table for a terminal. */
export function textTable(figures: readonly Figure[]): string {
  const rows = [HEADER, ...figures.map(row)];
  const widths = HEADER.map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? '').length)));
  const line = (cells: Row) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((cells) => line(cells).trimEnd()).join('\n');
}

export function markdownTable(figures: readonly Figure[]): string {
  const line = (cells: Row) => `| ${cells.join(' | ')} |`;
  return [line(HEADER), '|---|---|---|---|---|', ...figures.map((figure) => line(row(figure)))].join('\n');
}

const MARKS = { begin: '<!-- written by: npm run bench -- --write -->', end: '<!-- end -->' } as const;

/** Replaces the text between the two marks of a document. */
export function betweenMarks(document: string, text: string): string {
  const begin = document.indexOf(MARKS.begin);
  const end = document.indexOf(MARKS.end, begin);
  if (begin < 0 || end < 0) throw new Error(`the document has no ${MARKS.begin} followed by ${MARKS.end}`);
  return `${document.slice(0, begin + MARKS.begin.length)}\n${text}\n${document.slice(end)}`;
}
