import type { Assembly } from '../../../../emulator/simulation/assembly';
import { cancellationOfWeb, ENDS, expectEnd, play } from './run-cancellation';

// Some take more than a second, on a machine that has other things to do.
jest.setTimeout(60_000);

describe('a stack that cancels the deployment of an ECS service', () => {
  let assembly: Assembly;
  beforeAll(() => {
    assembly = cancellationOfWeb();
  });

  test.each(ENDS)('%s: outputs %s, %s', (...end) => expectEnd(assembly, end));

  test('not-found: fails with the name that was not found', async () => {
    const { stackStatus, statusReason, stops } = await play(assembly, 'not-found');
    expect(stackStatus).toBe('ROLLBACK_COMPLETE');
    expect(statusReason).toContain('ecs service prod/web was not found');
    expect(stops).toBe(0);
  });
});
