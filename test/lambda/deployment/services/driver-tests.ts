import { inspect } from 'node:util';
import type { Protocol } from '../../../../emulator/core/protocols';
import type { CallError, Found, Phase } from '../../../../lambda/deployment/engine/driver';
import { awsContextOf } from '../../../../lambda/deployment/services/aws-context';
import type { Service } from '../../../../lambda/deployment/services/service';
import { phaseOf, type Statuses } from '../../../../lambda/deployment/services/statuses';
import type { Deployment } from '../../../../lib/contract/cancellation';
import { kindDefinition } from '../../../../lib/deployments/kinds';
import { type Call, fakeService } from './fake-service';

/** What a test changes in a response. */
interface Changes {
  readonly id?: string;
  readonly status?: string;
  readonly message?: string;
}

/** A call of a driver, whose response has the changed deployment. */
type DriverCall = Omit<Call, 'response' | 'title' | 'call'> & {
  readonly response: (changes: Changes) => object;
};

interface DriverSpec<Status extends string> {
  readonly name: string;
  /** The end of the variable that names the endpoint. Default: the name in capital letters. */
  readonly endpointVariable?: string;
  readonly protocol: Protocol;
  readonly service: Service;
  readonly deployment: Deployment;
  /** The table of the driver, the statuses of the API, and the phase of each. */
  readonly table: Statuses<NoInfer<Status>>;
  readonly statuses: object;
  readonly phases: Readonly<Record<Status, Phase>>;
  /** The deployment of the responses, and the ID of another one. */
  readonly found: Found;
  readonly otherId: string;
  /** A status in flight that needs no further request, and the one after a stop. */
  readonly stopping: NoInfer<Status>;
  /** Where the status does not tell. */
  readonly stoppingPhase?: Phase;
  readonly find: DriverCall;
  readonly get: DriverCall;
  readonly stop: DriverCall;
  /** Whether the service has no message of a deployment in its lists. */
  readonly listHasNoMessage?: boolean;
  /** The errors of a cancellation with their types, and the error of a read of what does not exist. */
  readonly errors: Readonly<Record<string, CallError['errorType']>>;
  readonly notFound?: string;
  /** A response with the right members, without their values. */
  readonly partialResponse: object;
}

export const AWS = awsContextOf({
  invokedFunctionArn: 'arn:aws-cn:lambda:cn-north-1:111122223333:function:deployment',
});

const SECRET = 'hunter2';

/** Tests what all polled services have in common. Returns the service and its driver for further tests. */
export function testDriver<Status extends string>(spec: DriverSpec<Status>) {
  const { name, protocol, service, deployment, table, found, find, get, stop, phases } = spec;
  const { deploymentId: id = '', deploymentStatus: status } = found;
  const { cancelsById } = kindDefinition(deployment.kind);
  const complete = ({ response, ...call }: DriverCall, title: string, invoke: Call['call']): Call => ({
    ...call,
    title,
    call: invoke,
    response: (changes) => response({ id, status, message: SECRET, ...changes }),
  });
  const FIND = complete(find, 'finding the deployment in flight', (driver) => driver.describe(undefined));
  const GET = complete(get, 'describing the pinned deployment', (driver) => driver.describe(id));
  const BY_ID = complete(get, 'describing a deployment by its id', (driver) => driver.describeById(id));
  const STOP = complete(stop, 'stopping', (driver) => driver.cancel(id));
  const READS = [FIND, GET, BY_ID];
  const CALLS = [...READS, STOP];
  const { fake, driver, invoke, errorOf, testCommonErrors } = fakeService({
    name,
    protocol,
    aws: AWS,
    service,
    deployment,
    endpointVariable: spec.endpointVariable,
  });
  const withStart = (call: Call, changes: object) => ({ ...found, startedAt: call.startedAt, ...changes });

  test('every status of the API has a phase', () => {
    expect(Object.keys(phases).sort()).toEqual(Object.values(spec.statuses).sort());
    expect(table).toEqual(phases);
    for (const unknown of ['Paused', 'constructor', '']) expect(phaseOf(table, unknown)).toBe('UNKNOWN');
  });

  test.each(READS)('$title has the status and the phase of the response', async (call) => {
    fake.respond = () => call.response();
    expect(await invoke(call)).toEqual(withStart(call, {}));
    fake.respond = () => call.response({ status: 'Paused' });
    expect(await invoke(call)).toEqual(withStart(call, { phase: 'UNKNOWN', deploymentStatus: 'Paused' }));
  });

  test.each(READS)('$title has the message only if it is requested', async (call) => {
    fake.respond = () => call.response();
    expect(inspect(await invoke(call), { depth: null })).not.toContain(SECRET);
    const withMessage = await invoke(call, { settings: { includeStatusMessage: true } });
    const message = call === FIND && spec.listHasNoMessage ? undefined : SECRET;
    expect(withMessage).toMatchObject({ attributes: { ...(message && { deploymentStatusMessage: message }) } });
  });

  test.each(READS)('$title of any size is truncated', async (call) => {
    const wide = '🚀'.repeat(50_000);
    fake.respond = () => call.response({ status: `A${wide}`, message: wide });
    const read = await invoke(call, { settings: { includeStatusMessage: true } });
    expect(JSON.stringify(read).length).toBeLessThan(10_000);
    expect(read).toMatchObject({ phase: 'UNKNOWN', deploymentId: id });
  });

  test('stopping has the status of an accepted stop', async () => {
    fake.respond = () => STOP.response();
    const phase = spec.stoppingPhase ?? table[spec.stopping];
    expect(await invoke(STOP)).toEqual({ ...found, phase, deploymentStatus: spec.stopping });
  });

  test.each(CALLS.filter((call) => !call.hasEmptyResponse))('$title with an invalid id is invalid', async (call) => {
    for (const invalid of [undefined, '', 'x y', '*', 'x'.repeat(101)]) {
      fake.respond = () => call.response({ id: invalid });
      expect(await invoke(call)).toMatchObject(errorOf(call, { errorType: 'unreachable' }));
    }
  });

  test.each([GET, BY_ID, ...(cancelsById && !STOP.hasEmptyResponse ? [STOP] : [])])(
    '$title with a response about another deployment is invalid',
    async (call) => {
      fake.respond = () => call.response({ id: spec.otherId });
      expect(await invoke(call)).toMatchObject({ errorType: 'unreachable', errorName: 'InvalidResponseError' });
    },
  );

  test('a stop request contains the id only if the definition of the kind says so', () => {
    expect(Object.values(stop.input).some((value) => String(value).includes(id))).toBe(cancelsById);
  });

  if (!cancelsById) {
    test('a stop that reached another deployment says which', async () => {
      fake.respond = () => STOP.response({ id: spec.otherId });
      expect(await invoke(STOP)).toMatchObject({ kind: 'found', deploymentId: spec.otherId });
    });
  }

  test.each(READS)('$title without a status is invalid', async (call) => {
    for (const invalid of [undefined, '', ' ']) {
      fake.respond = () => call.response({ status: invalid });
      expect(await invoke(call)).toMatchObject(errorOf(call, { errorType: 'unreachable' }));
    }
  });

  const errors: [string, CallError['errorType'], number][] = [
    [protocol.errors.accessDenied.type, 'denied', 403],
    [protocol.errors.throttled.type, 'throttled', 400],
    ['InternalFailure', 'server-error', 500],
    ['SomeNewException', 'rejected', 400],
    ...Object.entries(spec.errors).map(([type, errorType]): [string, CallError['errorType'], number] => [
      type,
      errorType,
      400,
    ]),
  ];
  test.each(
    CALLS.flatMap((call) =>
      errors.map(([type, errorType, statusCode]) => ({ title: call.title, call, type, errorType, statusCode })),
    ),
  )('$title that fails with $type is $errorType', async ({ call, type, errorType, statusCode }) => {
    fake.fault = () => ({ kind: 'error', type, message: 'no.', statusCode });
    expect(await invoke(call)).toMatchObject(errorOf(call, { errorType, message: 'no' }));
  });

  const { notFound } = spec;
  if (notFound !== undefined) {
    test('what does not exist is not found, and a cancellation of it is a conflict', async () => {
      fake.fault = () => ({ kind: 'error', type: notFound, message: 'none' });
      for (const call of READS) expect(await invoke(call)).toMatchObject({ kind: 'not-found' });
      expect(await invoke(STOP)).toMatchObject({ kind: 'error', errorType: 'conflict' });
    });
  }

  testCommonErrors(CALLS, spec.partialResponse);
  return { fake, driver, invoke, calls: { find: FIND, get: GET, stop: STOP } };
}
