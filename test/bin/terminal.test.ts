import { Watch } from '../../bin/live-view';
import { type Out, Terminal } from '../../bin/terminal';
import { VirtualClock } from '../../emulator/core/clock';
import { call, deployment, reportOf, state } from '../helpers/reports';

const ESC = '\u001b';
const CLEAR = `\r${ESC}[2K`;

/** A stream that remembers what was written to it. */
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

/** A watch whose own time is moved by hand, and what it has written. */
function watched(isTTY: boolean, env: NodeJS.ProcessEnv = {}) {
  const out = screen(isTTY);
  const clock = new VirtualClock();
  let now = 0;
  const watch = new Watch(new Terminal(out, env), clock, 'it is being synthesised', () => now);
  return {
    watch,
    clock,
    later: (ms: number) => {
      now += ms;
      watch.tick();
    },
    out,
  };
}

describe('where nobody guardStates', () => {
  test.each([
    ['a pipe', false, {}],
    ['CI with a terminal', true, { CI: 'true' }],
    ['a terminal that cannot move its cursor', true, { TERM: 'dumb' }],
  ])('%s gets no line that is overwritten', (_what, isTTY, environment) => {
    const { watch, later, out } = watched(isTTY, environment);
    later(60_000);
    watch.see(state(0, 'Wait'));
    later(60_000);
    watch.see(state(60, 'Await'));
    watch.end();
    expect(out.written).not.toContain('\r');
    expect(out.written).not.toContain('later');
    expect(out.written.trimEnd().split('\n')).toHaveLength(2);
  });

  test('a pipe gets no escape byte', () => {
    const { watch, out } = watched(false);
    watch.see(deployment(0, 'CANCELLED'));
    watch.report(reportOf({ outputs: { Status: 'CANCELLED' } }));
    expect(out.written).toBe(
      '    0:00  deployment            d-1  CANCELLED\n\nCREATE_COMPLETE after 0:41: 5 function invocations, 11 state transitions\n\nOutputs:\nStatus = CANCELLED\n',
    );
  });
});

describe('on a terminal', () => {
  test('what is done before anything happens is shown after a while, and makes way', () => {
    const { watch, later, out } = watched(true);
    later(300);
    expect(out.written).toBe('');
    later(300);
    expect(out.written).toContain('it is being synthesised');
    watch.print('scenario cancelled');
    expect(out.written.endsWith(`${CLEAR}scenario cancelled\n`)).toBe(true);
    watch.end();
  });

  test('a wait is shown with the time of the run and what is waited for, and each replaces the one before', () => {
    const { watch, clock, later, out } = watched(true);
    watch.see(deployment(0, 'CANCELLING'));
    watch.see(call(0));
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
    watch.end();
    expect(out.written.endsWith(CLEAR)).toBe(true);
  });

  test('nothing blinks between lines that come one after the other', () => {
    const { watch, later, out } = watched(true);
    for (let at = 0; at < 50; at++) {
      watch.see(state(at, 'Wait'));
      later(400);
    }
    watch.end();
    expect(out.written).not.toContain('\r');
  });

  test('a jump over a wait is one line', () => {
    const { watch, out } = watched(true);
    watch.see(state(0, 'Await'));
    watch.see(call(60));
    watch.see(state(134, 'Over?'));
    watch.end();
    expect(out.written).toContain('… 2:14 later, GetEnvironment × 1');
  });

  test('a line is never wider than the screen, so that it can be overwritten', () => {
    const out = screen(true, 20);
    new Terminal(out, { NO_COLOR: '1' }).show('x'.repeat(100));
    expect(out.written).toBe('x'.repeat(19));
  });

  test('statuses are coloured', () => {
    const { watch, out } = watched(true);
    watch.see(deployment(0, 'FAILED'));
    watch.end();
    expect(out.written).toContain(`${ESC}[31mFAILED${ESC}[39m`);
  });

  test('what a service or a template says cannot act upon the terminal', () => {
    const { watch, out } = watched(false);
    watch.see({ atSeconds: 0, kind: 'message', text: `a${ESC}]0;title\u0007${ESC}[2Jb\rc\u009bd` });
    watch.report(reportOf({ statusReason: `bad${ESC}[31m` }));
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
])('%s has colours, or has not', (_what, isTTY, environment, colours) => {
  const out = screen(isTTY);
  const terminal = new Terminal(out, environment);
  terminal.print(terminal.paint('bad', 'FAILED'));
  expect(out.written).toBe(colours ? `${ESC}[31mFAILED${ESC}[39m\n` : 'FAILED\n');
});
