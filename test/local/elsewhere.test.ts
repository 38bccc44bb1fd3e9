import { elsewhereProblem } from '../../local/elsewhere';
import { fleetPlay } from '../../local/fleet-plays';
import { PLAYS, withPlay } from '../../local/plays';

const problemOf = (play: Parameters<typeof withPlay>[0]) =>
  withPlay(play, async ({ assembly }) => elsewhereProblem(assembly));

test.each(['delete-during-create', 'guard-cancels-earlier'] as const)(
  '%s can be played with another Proton',
  async (name) => {
    expect(await problemOf(PLAYS[name])).toBeUndefined();
  },
);

test('so can a fleet', async () => {
  expect(await problemOf(fleetPlay('fleet'))).toBeUndefined();
});

test.each(['rollback-of-create', 'nested-rollback-of-create'] as const)(
  '%s cannot: what it starts is on the embedded one',
  async (name) => {
    expect(await problemOf(PLAYS[name])).toMatch(/^which starts deployments on the embedded Proton/);
  },
);

test.each([
  ['starts one itself', { Action: 'proton:UpdateServiceInstance' }, /^which starts deployments/],
  ['has a state machine that starts one', { Action: 'proton:updateServiceInstance' }, /^which starts deployments/],
  ['has nothing to do with Proton', { Action: ['ecs:StopServiceDeployment'] }, /^which does not speak to Proton$/],
])('a stack that %s cannot', (_what, statement, problem) => {
  expect(elsewhereProblem({ templates: [{ Resources: { Policy: statement } }] })).toMatch(problem);
});
