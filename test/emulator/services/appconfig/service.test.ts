import { AppConfigClient, GetDeploymentCommand, StopDeploymentCommand } from '@aws-sdk/client-appconfig';
import { type Clock, VirtualClock } from '../../../../emulator/core/clock';
import type { HttpService } from '../../../../emulator/core/http-server';
import { MINUTES } from '../../../../emulator/core/plan';
import type { Observable } from '../../../../emulator/core/service';
import { errorOf, serve, stopAll } from '../../serve-service';
import { serviceWith } from '../service-with';

afterEach(stopAll);

const START = new VirtualClock().now();
const ONE = { ApplicationId: 'abc1234', EnvironmentId: 'prod123', DeploymentNumber: 1 };

/** An environment whose deployment is complete. */
function start() {
  const service = serviceWith('appconfig-deployment', {
    at: -5 * MINUTES,
    steps: [{ after: MINUTES, status: 'COMPLETE' }],
  });
  return serve(
    service as (clock: Clock) => { readonly api: HttpService; readonly simulated: Observable },
    AppConfigClient,
  );
}

test('a deployment that is complete is reverted only with AllowRevert', async () => {
  const { client, simulated } = await start();
  const refused = await errorOf(client.send(new StopDeploymentCommand(ONE)));
  expect(refused.name).toBe('BadRequestException');
  const stopped = await client.send(new StopDeploymentCommand({ ...ONE, AllowRevert: true }));
  expect(stopped).toMatchObject({ DeploymentNumber: 1, State: 'REVERTED', StartedAt: new Date(START - 5 * MINUTES) });
  expect(await client.send(new GetDeploymentCommand(ONE))).toMatchObject({ State: 'REVERTED' });
  expect(simulated.acceptedCancels).toEqual([]);
});

test('a deployment that does not exist is not found', async () => {
  const { client } = await start();
  const error = await errorOf(client.send(new GetDeploymentCommand({ ...ONE, DeploymentNumber: 2 })));
  expect(error.name).toBe('ResourceNotFoundException');
});
