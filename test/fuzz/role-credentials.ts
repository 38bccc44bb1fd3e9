import { Roles } from '../../emulator/aws/roles';
import { DEFAULT_ENVIRONMENT } from '../../emulator/core/environment';
import type { ServiceCall } from '../../emulator/core/http-server';
import { serviceOf } from '../../lib/deployments/kinds';
import { EXTERNAL_ID, ROLE_ID } from './assemblies';
import type { RunRecord } from './perform';
import type { Schedule } from './schedule';
import { STACK_NAME } from './stack-lifecycles';
import { isStackFleet, targetsOf } from './targets';

/** The invariants of a role: it calls the service of the deployment, and nothing else. */
export function* wrongCredentials(record: RunRecord): Generator<string> {
  const { schedule, calls, answers, stackEvents } = record;
  const role = stackEvents.find(({ logicalId, resourceType, physicalId }) => {
    return resourceType === 'AWS::IAM::Role' && logicalId.startsWith(ROLE_ID) && physicalId;
  });
  const roles = new Roles(DEFAULT_ENVIRONMENT, { now: () => 0 });
  const key = schedule.role && role?.physicalId ? roles.accessKeyIdOf(roles.arnOf(role.physicalId)) : undefined;
  for (const { call } of calls) {
    const { service, operation, accessKeyId, input } = call;
    const what = `${service}:${operation}`;
    if (service === 'sts') {
      if (!schedule.role) yield `${what} is called, but there is no role`;
      if (input.ExternalId !== EXTERNAL_ID) yield `${what} is called with the external id ${input.ExternalId}`;
    } else if (
      schedule.role &&
      !mayBeEither(call, schedule) &&
      isOfDeployment(call, schedule) !== (accessKeyId === key)
    ) {
      yield `${what} is called ${accessKeyId === key ? 'as the role' : 'not as the role'}`;
    }
  }
  for (const { headers, path, body, accessKeyId } of answers) {
    const sent = JSON.stringify([headers, path, body]);
    const hasCredentials = accessKeyId !== undefined || /authorization|x-amz-security-token/i.test(sent);
    if (hasCredentials || (key !== undefined && sent.includes(key))) yield 'a response is sent with credentials';
  }
}

/** Whether a call can be as the role, to find the root of the own stack, or not, for the response to CloudFormation. */
function mayBeEither(call: ServiceCall, schedule: Schedule): boolean {
  return isStackFleet(schedule) && call.operation === 'DescribeStacks' && isOwn(call);
}

/** Whether a call is about the stack that cancels. */
function isOwn({ input }: ServiceCall): boolean {
  const stack = String(input.StackName ?? '');
  return stack === STACK_NAME || stack.includes(`:stack/${STACK_NAME}/`);
}

/** Whether a call cancels a deployment, reads it or finds it. */
function isOfDeployment(call: ServiceCall, schedule: Schedule): boolean {
  const { service, operation } = call;
  if (!targetsOf(schedule).some(({ kind }) => serviceOf(kind) === service)) return false;
  // Parameter Store is called with the same client as Systems Manager Automation.
  if (service === 'ssm') return !operation.endsWith('Parameter');
  // The responses to CloudFormation depend on the status of the own stack.
  return !(service === 'cloudformation' && isOwn(call));
}
