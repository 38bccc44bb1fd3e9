import { Terminal } from '../../cli/terminal';
import { WaitView } from '../../cli/wait-view';

describe('the view of a wait', () => {
  function viewOn(isTTY: boolean) {
    let text = '';
    let time = 0;
    const write = (chunk: string | Uint8Array) => {
      text += chunk;
      return true;
    };
    const out = { isTTY, columns: 80, write };
    const view = new WaitView('stack web', new Terminal(out, { NO_COLOR: '1' }), () => time);
    return {
      view,
      text: () => text,
      pass: (ms: number) => {
        time += ms;
      },
    };
  }

  test('without a terminal, each status has a line', () => {
    const { view, text } = viewOn(false);
    view.add('describe', { deploymentStatus: 'A', deploymentId: 'x' });
    view.add('step', { deploymentStatus: 'ignored' });
    view.add('describe', { deploymentStatus: 'A', deploymentId: 'x' });
    view.add('cancel', { errorName: 'Throttled', operation: 'cloudformation:CancelUpdateStack' });
    view.add('describe', { deploymentStatus: 'B', deploymentId: 'x' });
    view.end();
    expect(text().split('\n')).toEqual([
      'stack web is A (deployment x)',
      'cloudformation:CancelUpdateStack: Throttled; trying again',
      'stack web is B (deployment x)',
      '',
    ]);
  });

  test('on a terminal, one line is overwritten', () => {
    const { view, text, pass } = viewOn(true);
    view.add('describe', { deploymentStatus: 'A' });
    pass(65_000);
    view.add('describe', { deploymentStatus: 'B' });
    view.end();
    expect(text()).toBe('stack web is A, 0:00\r\u001b[2Kstack web is B, 1:05\r\u001b[2K');
  });

  test('remembers the last read, and how many deployments were in flight', () => {
    const { view } = viewOn(false);
    view.add('describe', { deploymentStatus: 'A', deploymentId: 'x', inFlight: 3 });
    view.add('describe', { deploymentStatus: 'B', deploymentId: 'x' });
    view.add('describe', { errorName: 'Throttled', operation: 'a:GetB' });
    expect(view.last).toEqual({ deploymentStatus: 'B', deploymentId: 'x', inFlight: 3 });
  });
});
