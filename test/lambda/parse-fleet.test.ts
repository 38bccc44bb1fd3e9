import { parseFleetRequest } from '../../lambda/parse-fleet';
import { MAX_CONCURRENCY } from '../../lib/contract/fleet';
import { problemOf } from './problem-of';

const DEPLOYMENT = {
  kind: 'proton-service-instance',
  identifiers: { serviceName: 'web', serviceInstanceName: 'web-prod' },
};
const EXECUTIONS = { kind: 'codepipeline-executions', identifiers: { pipelineName: 'release' } };
const INSTANCES = { kind: 'proton-service-instances', identifiers: { serviceName: 'web' } };
const VALID = { contractVersion: '1', fleet: EXECUTIONS, settings: { timeoutSeconds: 1800 } };
const withFleet = (fleet: unknown) => ({ ...VALID, fleet });

describe('a request for a fleet', () => {
  test('that a service lists has its identifiers, and its options with their defaults', () => {
    expect(parseFleetRequest(VALID).fleet).toEqual({ ...EXECUTIONS, options: { abandon: false } });
    const options = { abandon: 'true' };
    expect(parseFleetRequest(withFleet({ ...EXECUTIONS, options })).fleet).toEqual({
      ...EXECUTIONS,
      options: { abandon: true },
    });
  });

  test('has no options if its kind has none, and no other identifiers', () => {
    const identifiers = { ...INSTANCES.identifiers, pipelineName: 'release' };
    expect(parseFleetRequest(withFleet({ ...INSTANCES, identifiers })).fleet).toEqual(INSTANCES);
  });

  test('that is a list has its deployments, up to 100', () => {
    const fleet = { kind: 'list', deployments: Array(100).fill(DEPLOYMENT) };
    expect(parseFleetRequest(withFleet(fleet)).fleet).toEqual(fleet);
  });

  test('may have the time of the request, and has the largest concurrency by default', () => {
    expect(parseFleetRequest(VALID)).toMatchObject({ concurrency: MAX_CONCURRENCY });
    expect(parseFleetRequest(VALID)).not.toHaveProperty('requestedAt');
    const requestedAt = '2026-10-01T12:00:00Z';
    expect(parseFleetRequest({ ...VALID, requestedAt, concurrency: '2' })).toMatchObject({
      requestedAt,
      concurrency: 2,
    });
  });
});

describe('an invalid request for a fleet is an error of one line', () => {
  const list = (deployments: unknown) => withFleet({ kind: 'list', deployments });
  test.each<[unknown, string]>([
    [withFleet('web'), 'fleet must be an object, not "web"'],
    [withFleet({ kind: 'toasters' }), 'fleet.kind must be one of list, '],
    [withFleet({ kind: 'codepipeline-executions' }), 'fleet.identifiers must be an object, not missing'],
    [withFleet({ ...EXECUTIONS, identifiers: { pipelineName: '' } }), 'pipelineName '],
    [withFleet({ ...EXECUTIONS, options: 7 }), 'fleet.options must be an object, not 7'],
    [
      withFleet({ ...EXECUTIONS, options: { force: true } }),
      'fleet.options.force is not an option of codepipeline-executions',
    ],
    [withFleet({ ...EXECUTIONS, options: { abandonAfterSeconds: 1_900 } }), 'abandonAfterSeconds '],
    [list(undefined), 'fleet.deployments must be a list, not missing'],
    [list([]), 'fleet.deployments must hold from 1 to 100 deployments, not 0'],
    [list(Array(101).fill(DEPLOYMENT)), 'fleet.deployments must hold from 1 to 100 deployments, not 101'],
    [list([DEPLOYMENT, 7]), 'deployment must be an object, not 7'],
    [{ ...VALID, concurrency: 0 }, 'concurrency must be a whole number from 1 to '],
    [{ ...VALID, requestedAt: 'now' }, 'requestedAt must be a time such as '],
  ])('%#', (input, problem) => {
    expect(problemOf(input, parseFleetRequest)).toContain(problem);
  });

  test('a deployment of a list has an option beyond the timeout', () => {
    const deployment = {
      kind: 'codepipeline-execution',
      identifiers: { pipelineName: 'release' },
      options: { abandonAfterSeconds: 1_900 },
    };
    expect(problemOf(list([DEPLOYMENT, deployment]), parseFleetRequest)).toContain('abandonAfterSeconds');
  });
});
