import { parseProperties, parseRequest } from '../../lambda/parse';
import { parseFleetRequest } from '../../lambda/parse-fleet';
import { CONTRACT_VERSION, LONG_TIMEOUT_SECONDS, TIMEOUT_SECONDS } from '../../lib/contract/cancellation';

const identifiers = { clusterName: 'prod', serviceName: 'web' };
const deployment = { kind: 'ecs-service-deployment', identifiers };
const requestWith = (timeoutSeconds: number) => ({
  ...{ contractVersion: CONTRACT_VERSION, deployment, settings: { timeoutSeconds } },
  ...{ fleet: { kind: 'list', deployments: [deployment] }, concurrency: 25 },
});

test.each<[string, number, (request: object) => { readonly settings: { readonly timeoutSeconds: number } }]>([
  ['an execution', LONG_TIMEOUT_SECONDS.max, parseRequest],
  [
    'an execution that CloudFormation waits for',
    TIMEOUT_SECONDS.max,
    (request) => parseRequest({ ...request, cloudFormation: {} }),
  ],
  [
    'an execution whose request of CloudFormation is empty',
    TIMEOUT_SECONDS.max,
    (request) => parseRequest({ ...request, cloudFormation: null }),
  ],
  ['a custom resource', TIMEOUT_SECONDS.max, parseProperties],
  ['a fleet', TIMEOUT_SECONDS.max, parseFleetRequest],
])('the longest timeout of %s is %d s', (_what, max, parse) => {
  expect(parse(requestWith(max)).settings.timeoutSeconds).toBe(max);
  expect(() => parse(requestWith(max + 1))).toThrow(
    `settings.timeoutSeconds must be a whole number from 1 to ${max}, not ${max + 1}`,
  );
});
