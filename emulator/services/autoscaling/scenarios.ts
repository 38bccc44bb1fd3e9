import type * as api from '@aws-sdk/client-auto-scaling';
import { ServiceError } from '../../core/http-server';
import { uuidOf } from '../../core/ids';
import type { Operation } from '../../core/json-api';
import { type Input, optionalText, optionalTexts } from '../../core/json-input';
import { queryProtocol } from '../../core/protocols';
import type { ListedDeployment, SimulatedDeployments } from '../../core/simulated-deployments';
import { defineSimulation, pageOf } from '../../simulation/define-simulation';

type Status = api.InstanceRefreshStatus;
type Groups = SimulatedDeployments<Status>;

/** EC2 Auto Scaling, limited to instance refreshes. */
export const simulation = defineSimulation<Status>({
  service: 'autoscaling',
  title: 'Amazon EC2 Auto Scaling',
  protocol: queryProtocol('2011-01-01'),
  statuses: {
    started: 'InProgress',
    cancellable: ['InProgress'],
    cancelling: 'RollbackInProgress',
    cancelled: 'RollbackSuccessful',
    failed: 'RollbackFailed',
    succeeded: 'Successful',
    terminal: ['Cancelled', 'RollbackSuccessful', 'RollbackFailed', 'Successful', 'Failed'],
  },
  errors: { notFound: 'ValidationError', notInProgress: 'ActiveInstanceRefreshNotFound' },
  refusals: { OVER: 'ActiveInstanceRefreshNotFound', INVALID: 'IrreversibleInstanceRefresh' },
  newId: (count) => uuidOf(`instance refresh ${count}`),
  pathOf: ({ autoScalingGroupName = '' }) => autoScalingGroupName,
  operations: {
    DescribeInstanceRefreshes: { answer: describeInstanceRefreshes, resources: () => ['*'] },
    RollbackInstanceRefresh: cancelling({}),
    CancelInstanceRefresh: cancelling({
      RollbackInProgress: 'Cancelling',
      RollbackSuccessful: 'Cancelled',
      RollbackFailed: 'Failed',
    }),
  },
});

function describeInstanceRefreshes(groups: Groups, input: Input): api.DescribeInstanceRefreshesAnswer {
  const group = nameIn(input);
  const ids = optionalTexts(input, 'InstanceRefreshIds');
  const found = groups.newestFirst(group).filter(({ id }) => ids.length === 0 || ids.includes(id));
  const { page, next } = pageOf(found, input, { size: 'MaxRecords', token: 'NextToken' });
  return { InstanceRefreshes: page.map((refresh) => description(group, refresh)), NextToken: next };
}

function description(group: string, refresh: ListedDeployment<Status>): api.InstanceRefresh {
  const { id, status, message, createdAt, completedAt } = refresh;
  return {
    InstanceRefreshId: id,
    AutoScalingGroupName: group,
    Status: status,
    StatusReason: message,
    StartTime: new Date(createdAt),
    EndTime: completedAt === undefined ? undefined : new Date(completedAt),
  };
}

/** A request to cancel reaches the last instance refresh of the group. */
function cancelling(renamed: Readonly<Partial<Record<Status, Status>>>): Operation<Groups> {
  return {
    answer(groups, input): api.CancelInstanceRefreshAnswer {
      return { InstanceRefreshId: groups.cancel(nameIn(input), undefined, renamed).deployments.at(-1)?.id };
    },
    resources: (_, input) => [`autoScalingGroup:*:autoScalingGroupName/${nameIn(input)}`],
  };
}

function nameIn(input: Input): string {
  const name = optionalText(input, 'AutoScalingGroupName');
  if (name !== undefined && name !== '') return name;
  throw new ServiceError('ValidationError', 'AutoScalingGroupName must not be null');
}
