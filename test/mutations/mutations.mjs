// Deliberate breakages, and what catches each: `schedules` are played on the embedded cloud, `test` is a file of unit
// tests. The text in `search` is there exactly once.

/** @typedef {{ name: string, breaks: string, file: string, search: string, replace: string, test?: string, schedules?: object[] }} Mutation */

/** What is played unless a schedule says otherwise: a deployment is in flight, and is cancelled in 20 seconds. */
const PLAIN = {
  chance: 1,
  life: 'created',
  timeoutSeconds: 60,
  failOn: [],
  onNotFound: 'fail',
  includeStatusMessage: false,
  courses: [
    {
      first: { seconds: 3000, ends: 'SUCCEEDED' },
      onCancel: 'cancelled',
      cancelSeconds: 20,
      startsAt: [],
      withholdsIds: false,
    },
  ],
  skewSeconds: 0,
  callFaults: [],
  functionFaults: [],
  answerFaults: [],
  abortsAt: [],
};
const played = (changes, course = {}) => ({
  ...PLAIN,
  courses: PLAIN.courses.map((plain) => ({ ...plain, ...course })),
  ...changes,
});
const GET = 'proton:GetServiceInstance';
const CANCEL = 'proton:CancelServiceInstanceDeployment';

/** @type {Mutation[]} */
export const MUTATIONS = [
  {
    name: 'pin-check',
    breaks: 'cancels without asking whether the deployment in flight is the pinned one',
    file: 'lambda/deployment/decide.ts',
    search: 'sighting.deploymentId === kept.pinnedDeploymentId',
    replace: 'sighting.deploymentId !== null',
    test: 'test/lambda/deployment/decide.test.ts',
  },
  {
    name: 'pin-again',
    breaks: 'pins whatever deployment is in flight at each look',
    file: 'lambda/deployment/decide.ts',
    search: 'const pinnedDeploymentId = before.pinnedDeploymentId ?? deploymentId;',
    replace: 'const pinnedDeploymentId = deploymentId;',
    schedules: [played({ callFaults: [{ call: CANCEL, from: 1, count: 5, fault: 'throttled' }] }, { startsAt: [4] })],
  },
  {
    name: 'cancel-twice',
    breaks: 'sends a cancellation again without a look in between',
    file: 'lambda/deployment/aws.ts',
    search: 'clientOptions: { maxAttempts: 1 },',
    replace: 'clientOptions: { maxAttempts: 3 },',
    schedules: [
      played(
        { callFaults: [{ call: CANCEL, from: 1, count: 1, fault: 'lost' }] },
        { onCancel: 'superseded', cancelSeconds: 0 },
      ),
    ],
  },
  {
    name: 'no-wait',
    breaks: 'answers before the deployment is over',
    file: 'lambda/deployment/decide.ts',
    search: 'CANCELLING: { next: STEPS.AWAIT },',
    replace: "CANCELLING: { requested: 'CANCELLED', otherwise: 'CANCELLED' },",
    schedules: [played({})],
  },
  {
    name: 'throttle-is-an-end',
    breaks: 'takes a read that was throttled for a deployment that is not there',
    file: 'lambda/deployment/proton.ts',
    search: "answer.kind === 'trouble' && answer.errorName === NOT_FOUND ?",
    replace: "answer.kind === 'trouble' ?",
    schedules: [played({ callFaults: [{ call: GET, from: 1, count: 1, fault: 'throttled' }] })],
  },
  {
    name: 'no-catch',
    breaks: 'leaves the Catch out of the steps of the state machine',
    file: 'lib/workflow-definition.ts',
    search: "step.addCatch(explainFailure, { resultPath: '$.error' }).next(over);",
    replace: 'step.next(over);',
    test: 'test/lib/workflow-definition.test.ts',
  },
  {
    name: 'no-deadline',
    breaks: 'never finds that the timeout has passed',
    file: 'lambda/deployment/decide.ts',
    search: 'return startedAt + policy.timeoutSeconds * 1000 - now;',
    replace: 'return policy.timeoutSeconds * 1000 + (now - startedAt) * 0;',
    schedules: [played({}, { onCancel: 'stuck' })],
  },
  {
    name: 'success-on-failed',
    breaks: 'answers SUCCESS when the cancellation failed',
    file: 'lambda/cloudformation/handle.ts',
    search: 'result.failed && !cloudFormation.guard',
    replace: 'result.failed && cloudFormation.guard === null',
    schedules: [played({ courses: [] })],
  },
  {
    name: 'url-in-the-input',
    breaks: 'puts where to answer to into the input of the execution',
    file: 'lambda/cloudformation/request.ts',
    search: 'return { StackId, RequestId, LogicalResourceId, PhysicalResourceId };',
    replace: 'return { StackId, RequestId, LogicalResourceId, PhysicalResourceId, Where: event.ResponseURL } as never;',
    schedules: [played({})],
  },
  {
    name: 'message-in-the-log',
    breaks: 'logs what a service says of an error',
    file: 'lambda/deployment/proton-connection.ts',
    search: '} catch (error) {',
    replace: '} catch (error) {\n        console.info(String(error));',
    schedules: [played({ callFaults: [{ call: GET, from: 1, count: 1, fault: 'throttled' }] })],
  },
  {
    name: 'delete-cancels',
    breaks: 'starts a cancellation when the resource is deleted',
    file: 'lambda/cloudformation/plan.ts',
    search: "return { do: 'let-go', attributes: {} };",
    replace: 'return cancel(event);',
    schedules: [played({ life: 'deleted' }, { startsAt: [30] })],
  },
  {
    name: 'reverse-update-cancels',
    breaks: 'cancels while an update is rolled back',
    file: 'lambda/cloudformation/plan.ts',
    search: "if (stackStatus === ROLLING_BACK) return { do: 'let-go', attributes: askedBy(event).notAttempted };",
    replace: 'if (stackStatus === ROLLING_BACK) return cancel(event);',
    schedules: [played({ life: 'update-rolled-back' }, { startsAt: [46] })],
  },
  {
    name: 'duplicate-starts-again',
    breaks: 'starts another execution when a request is delivered twice',
    file: 'lambda/cloudformation/request.ts',
    search: 'hash(16, RequestType, RequestId, ResponseURL)',
    replace: 'hash(16, RequestType, RequestId, String(Math.random()))',
    schedules: [
      played({ functionFaults: [{ task: 'request', from: 1, count: 1, fault: { kind: 'duplicate', afterMs: 5000 } }] }),
    ],
  },
  {
    name: 'superseded-is-the-same',
    breaks: 'takes the status of a newer deployment for that of the pinned one',
    file: 'lambda/deployment/decide.ts',
    search: 'if (deploymentId !== pinnedDeploymentId) {',
    replace: 'if (deploymentId === undefined && deploymentId !== pinnedDeploymentId) {',
    test: 'test/lambda/deployment/decide.test.ts',
  },
  {
    name: 'lost-is-lost',
    breaks: 'does not answer for an execution that was aborted',
    file: 'lib/state-machine.ts',
    search: 'status: statuses }',
    replace: "status: ['SUCCEEDED'] }",
    schedules: [played({ abortsAt: [10] })],
  },
  {
    name: 'answer-hangs',
    breaks: 'waits for ever for CloudFormation to take an answer',
    file: 'lambda/cloudformation/mailbox.ts',
    search: 'signal: AbortSignal.timeout(TIMEOUT),',
    replace: '',
    schedules: [played({ answerFaults: [{ from: 1, count: 6, fault: 'hang' }] })],
  },
  {
    name: 'any-contract',
    breaks: 'acts on a request of an unknown version of the contract',
    file: 'lambda/parse.ts',
    search: 'if (version === CONTRACT_VERSION) return request;',
    replace: 'if (version !== null) return request;',
    test: 'test/lambda/parse.test.ts',
  },
  {
    name: 'one-stops-all',
    breaks: 'lets what goes wrong with one deployment of a fleet stop the others',
    file: 'lambda/deployment/cancel-batch.ts',
    search: "log('member-failed',",
    replace: "if (error) throw error;\n      log('member-failed',",
    test: 'test/lambda/deployment/fleet-batch.test.ts',
  },
  {
    name: 'guard-forgets',
    breaks: 'has a guard cancel what was in flight before it was armed',
    file: 'lambda/cloudformation/guard.ts',
    search: 'return { ...input, leaveAlone: watch.deploymentId };',
    replace: 'return input;',
    schedules: [played({ life: 'guard-leaves-earlier-alone', courses: [] })],
  },
  {
    name: 'url-kept',
    breaks: 'keeps where to answer to when the answer has been taken',
    file: 'lambda/cloudformation/handle.ts',
    search: 'await forget(answerPlaces, name);\n  await forget(answerPlaces, undelivered(name));',
    replace: 'await forget(answerPlaces, undelivered(name));',
    schedules: [played({})],
  },
  {
    name: 'answer-too-long',
    breaks: 'answers with more than CloudFormation takes',
    file: 'lambda/cloudformation/answer.ts',
    search: 'MAX_ANSWER_BYTES = 4096',
    replace: 'MAX_ANSWER_BYTES = 8192',
    test: 'test/lambda/cloudformation/answer.test.ts',
  },
];
