import { drawing, ticksOf } from '../../../../emulator/runner/html-report/drawing';
import type { LaneGroup, Span } from '../../../../emulator/runner/html-report/lanes';
import { elementsOf, parseXml, textOf } from '../../../helpers/xml';

test.each([
  [1, [0, 1]],
  [42, [0, 5, 10, 15, 20, 25, 30, 35, 40]],
  [131, [0, 15, 30, 45, 60, 75, 90, 105, 120]],
  [1800, [0, 300, 600, 900, 1200, 1500, 1800]],
  [100_000, [0, 14_400, 28_800, 43_200, 57_600, 72_000, 86_400]],
])('an axis of %d seconds has round times', (seconds, ticks) => {
  expect(ticksOf(seconds)).toEqual(ticks);
});

const span = (text: string, fromSeconds: number, untilSeconds: number, style: Span['style'] = 'moving'): Span => ({
  text,
  fromSeconds,
  untilSeconds,
  style,
});

function draw(spans: readonly Span[], name = 'lane') {
  const group: LaneGroup = { title: 'Group', lanes: [{ name, spans }], omitted: [] };
  const svg = parseXml(drawing([group], 100).text);
  // The first is the drawing itself.
  return { svg, bars: elementsOf(svg, 'svg').slice(1) };
}

test('the width of a span is its duration, and it has a label if there is room', () => {
  const { bars } = draw([span('CANCELLING', 25, 75)]);
  expect(bars.map(({ attributes }) => [attributes.x, attributes.width])).toEqual([['25%', '50%']]);
  expect(elementsOf(bars[0]!, 'text').map(textOf)).toEqual(['CANCELLING']);
  expect(elementsOf(bars[0]!, 'title').map(textOf)).toEqual(['CANCELLING, 0:25 to 1:15']);
});

test('a label without room is only a title', () => {
  const { bars } = draw([span('CANCELLING', 25, 30)]);
  expect(elementsOf(bars[0]!, 'text')).toEqual([]);
  expect(elementsOf(bars[0]!, 'title').map(textOf)).toEqual(['CANCELLING, 0:25 to 0:30']);
});

test('spans at the same time are one mark that names all of them, in the style of the worst', () => {
  const { bars } = draw([span('A', 50, 50), span('B', 50, 50.1, 'bad'), span('C', 50, 50, 'good')]);
  expect(bars).toHaveLength(1);
  expect(elementsOf(bars[0]!, 'title').map(textOf)).toEqual(['A, 0:50; B, 0:50; C, 0:50']);
  expect(elementsOf(bars[0]!, 'rect').map(({ attributes }) => attributes.class)).toEqual(['bar bad']);
});

test('no bar is outside the drawing', () => {
  const { bars } = draw([span('before', -10, 20), span('after', 90, 140), span('end', 100, 100)]);
  const ends = bars.map(({ attributes: { x = '', width = '' } }) => [
    Number.parseFloat(x),
    Number.parseFloat(x) + (width.endsWith('%') ? Number.parseFloat(width) : 0),
  ]);
  for (const [from, until] of ends) {
    expect(from).toBeGreaterThanOrEqual(0);
    expect(until).toBeLessThanOrEqual(100);
  }
});

test('a long name is shortened, and its title is the full name', () => {
  const name = `${'a'.repeat(200)}-end`;
  const { svg } = draw([span('A', 0, 9)], name);
  const label = elementsOf(svg, 'text').find(({ attributes }) => attributes.class === 'name')!;
  expect(textOf(label)).toMatch(/^a+…a+-end/);
  expect(label.children[0]).toHaveLength(87);
  expect(elementsOf(label, 'title').map(textOf)).toEqual([name]);
});

test('the drawing has a name and a description for screen readers', () => {
  const { svg } = draw([span('A', 0, 9)]);
  expect(svg.attributes).toMatchObject({ role: 'img', 'aria-labelledby': 'timeline-title timeline-desc' });
  expect(elementsOf(svg, 'desc').map(textOf)).toEqual(['Lanes from 0:00 to 1:40: Group (1).']);
});
