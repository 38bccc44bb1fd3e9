import type { Assembly } from '../../../../emulator/simulation/assembly';
import { CodeDeployDeployment } from '../../../../lib';
import { cancellationOf, ENDS, expectEnd, play, WEB } from './run-cancellation';

// Some take more than a second, on a machine that has other things to do.
jest.setTimeout(60_000);

describe('a stack that cancels the deployment to a CodeDeploy deployment group', () => {
  let assembly: Assembly;
  beforeAll(() => {
    assembly = cancellationOf(WEB);
  });

  test.each(ENDS)('%s: outputs %s, %s', (...end) => expectEnd(assembly, end));

  test('not-found: fails with the name that was not found', async () => {
    const { stackStatus, statusReason, stops } = await play(assembly, 'not-found');
    expect(stackStatus).toBe('ROLLBACK_COMPLETE');
    expect(statusReason).toContain('codedeploy deployment group shop/web was not found');
    expect(stops).toBe(0);
  });
});

test('a stack that cancels a deployment that does not exist fails with its ID', async () => {
  const { stackStatus, statusReason } = await play(
    cancellationOf(CodeDeployDeployment.fromDeploymentId('d-NOTTHERE1')),
    'cancelled',
  );
  expect(stackStatus).toBe('ROLLBACK_COMPLETE');
  expect(statusReason).toContain('codedeploy deployment d-NOTTHERE1 was not found');
});
