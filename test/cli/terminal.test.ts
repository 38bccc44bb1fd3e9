import { LiveView } from '../../bin/live-view';
import { type Out, Terminal } from '../../cli/terminal';
import { VirtualClock } from '../../emulator/core/clock';
import { call, deployment, reportOf, state } from '../helpers/reports';

const ESC = '\u001b';
const CLEAR = `\r${ESC}[2K`;

/** A stream that records its output. */
function screen(isTTY: boolean, columns = 80): Out & { written: string } {
  const out = {
    written: '',
    isTTY,
    columns,
    write: (text: string) => {
      out.written += text;
      return true;
    },
  };
  return out;
}

/** A live view whose real time is set by the test, and its output. */
function liveView(isTTY: boolean, env: NodeJS.ProcessEnv = {}) {
  const out = screen(isTTY);
  const clock = new VirtualClock();
  let now = 0;
  const view = new LiveView(new Terminal(out, env), clock, 'synthesizing the stack', () => now);
  return {
    view,
    clock,
    later: (ms: number) => {
      now += ms;
      view.tick();
    },
    out,
  };
}

describe('without a terminal', () => {
  test.each([
    ['a pipe', false, {}],
    ['CI with a terminal', true, { CI: 'true' }],
    ['a terminal that cannot move its cursor', true, { TERM: 'dumb' }],
  ])('%s gets no live line', (_what, isTTY, environment) => {
    const { view, later, out } = liveView(isTTY, environment);
    later(60_000);
    view.onEvent(state(0, 'Wait'));
    later(60_000);
    view.onEvent(state(60, 'Await'));
    view.end();
    expect(out.written).not.toContain('\r');
    expect(out.written).not.toContain('later');
    expect(out.written.trimEnd().split('\n')).toHaveLength(2);
  });

  test('a pipe gets no escape sequence', () => {
    const { view, out } = liveView(false);
    view.onEvent(deployment(0, 'CANCELLED'));
    view.report(reportOf({ outputs: { Status: 'CANCELLED' } }));
    expect(out.written).toBe(
      '    0:00  deployment            d-1  CANCELLED\n\nCREATE_COMPLETE after 0:41: 5 function invocations, 11 state transitions\n\nOutputs:\nStatus = CANCELLED\n',
    );
  });
});

describe('on a terminal', () => {
  test('the text before the first event appears after a while, and is removed', () => {
    const { view, later, out } = liveView(true);
    later(300);
    expect(out.written).toBe('');
    later(300);
    expect(out.written).toContain('synthesizing the stack');
    view.print('scenario cancelled');
    expect(out.written.endsWith(`${CLEAR}scenario cancelled\n`)).toBe(true);
    view.end();
  });

  test('a wait is shown with the time of the run and its reason, and replaces the previous one', () => {
    const { view, clock, later, out } = liveView(true);
    view.onEvent(deployment(0, 'CANCELLING'));
    view.onEvent(call(0));
    clock.set(clock.now() + 34_000);
    later(600);
    const before = out.written.length;
    expect(out.written).toContain('0:34  deployment CANCELLING, GetEnvironment × 1');
    clock.set(clock.now() + 1000);
    later(120);
    const shown = out.written.slice(before);
    expect(shown.startsWith(CLEAR)).toBe(true);
    expect(shown).toContain('0:35  deployment');
    expect(shown).not.toContain('\n');
    view.end();
    expect(out.written.endsWith(CLEAR)).toBe(true);
  });

  test('no live line appears between lines in quick succession', () => {
    const { view, later, out } = liveView(true);
    for (let at = 0; at < 50; at++) {
      view.onEvent(state(at, 'Wait'));
      later(400);
    }
    view.end();
    expect(out.written).not.toContain('\r');
  });

  test('a skipped wait is one line', () => {
    const { view, out } = liveView(true);
    view.onEvent(state(0, 'Await'));
    view.onEvent(call(60));
    view.onEvent(state(134, 'Over?'));
    view.end();
    expect(out.written).toContain('… 2:14 later, GetEnvironment × 1');
  });

  test('a live line is never wider than the terminal', () => {
    const out = screen(true, 20);
    new Terminal(out, { NO_COLOR: '1' }).show('x'.repeat(100));
    expect(out.written).toBe('x'.repeat(19));
  });

  test('statuses are colored', () => {
    const { view, out } = liveView(true);
    view.onEvent(deployment(0, 'FAILED'));
    view.end();
    expect(out.written).toContain(`${ESC}[31mFAILED${ESC}[39m`);
  });

  test('control characters of services and templates do not reach the terminal', () => {
    const { view, out } = liveView(false);
    view.onEvent({ atSeconds: 0, kind: 'message', text: `a${ESC}]0;title\u0007${ESC}[2Jb\rc\u009bd` });
    view.report(reportOf({ statusReason: `bad${ESC}[31m` }));
    expect(out.written).not.toMatch(/[^\P{Cc}\n]/u);
    expect(out.written).toContain('a\ufffd]0;title');
  });
});

test.each<[string, boolean, NodeJS.ProcessEnv, boolean]>([
  ['a terminal', true, {}, true],
  ['a terminal with NO_COLOR', true, { NO_COLOR: '1' }, false],
  ['a terminal that is dumb', true, { TERM: 'dumb' }, false],
  ['a pipe', false, {}, false],
  ['a pipe with FORCE_COLOR', false, { FORCE_COLOR: '1' }, true],
  ['a terminal with FORCE_COLOR=0', true, { FORCE_COLOR: '0' }, false],
])('%s has colors, or has not', (_what, isTTY, environment, colors) => {
  const out = screen(isTTY);
  const terminal = new Terminal(out, environment);
  terminal.print(terminal.paint('bad', 'FAILED'));
  expect(out.written).toBe(colors ? `${ESC}[31mFAILED${ESC}[39m\n` : 'FAILED\n');
});
