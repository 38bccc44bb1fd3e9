import {
  AutoScalingClient,
  CancelInstanceRefreshCommand,
  DescribeInstanceRefreshesCommand,
  type DescribeInstanceRefreshesType,
  type InstanceRefresh,
  type InstanceRefreshStatus,
  RollbackInstanceRefreshCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  AUTOSCALING_CANCEL_ACTION,
  AUTOSCALING_READ_ACTION,
  AUTOSCALING_ROLLBACK_ACTION,
  autoScalingGroupPath,
} from '../../../lib/deployments/autoscaling/kinds';
import type { Request } from './client';
import type { DeploymentRecord } from './deployment-record';
import { InvalidResponseError } from './errors';
import { PAGE_SIZE } from './lists';
import { polledService } from './polled-driver';
import type { Statuses } from './statuses';

export const STATUSES: Statuses<InstanceRefreshStatus> = {
  Pending: 'IN_PROGRESS',
  InProgress: 'IN_PROGRESS',
  Baking: 'IN_PROGRESS',
  Cancelling: 'CANCELLING',
  // A failure or an alarm causes this as well. A rollback is never cancelled.
  RollbackInProgress: 'CANCELLING',
  Cancelled: 'CANCELLED',
  RollbackSuccessful: 'CANCELLED',
  Successful: 'COMPLETED',
  Failed: 'FAILED',
  RollbackFailed: 'FAILED',
};

export const service = polledService({
  Client: AutoScalingClient,
  name: 'amazon ec2 auto scaling',
  statuses: STATUSES,
  errors: {
    // The names of groups are valid, so it is about a group that does not exist.
    ValidationError: 'not-found',
    // It is over, or rolls back: the next read tells.
    ActiveInstanceRefreshNotFoundFault: 'conflict',
  },
  operations({ identifiers, options }, aws) {
    const AutoScalingGroupName = identifiers.autoScalingGroupName;
    const arn = aws.arn('autoscaling', autoScalingGroupPath(identifiers));

    function record(refresh: InstanceRefresh): DeploymentRecord {
      if (refresh.AutoScalingGroupName !== AutoScalingGroupName) {
        throw new InvalidResponseError('the response is about another group');
      }
      const { InstanceRefreshId: id, Status: status, StartTime: startedAt, StatusReason: statusMessage } = refresh;
      return { id, status, startedAt, statusMessage, attributes: { name: AutoScalingGroupName } };
    }

    async function describe(request: Request, input: Partial<DescribeInstanceRefreshesType>) {
      const command = new DescribeInstanceRefreshesCommand({ AutoScalingGroupName, ...input });
      const { InstanceRefreshes: items, NextToken: nextToken } = await request(AUTOSCALING_READ_ACTION, '*', command);
      return { items: items?.map(record), nextToken };
    }

    return {
      isNewestFirst: true,
      list: (request, NextToken) => describe(request, { MaxRecords: PAGE_SIZE, NextToken }),
      async get(request, id) {
        const { items } = await describe(request, { InstanceRefreshIds: [id] });
        if (!items) throw new InvalidResponseError('the response has no list of instance refreshes');
        return items[0];
      },
      async stop(request: Request) {
        const input = { AutoScalingGroupName };
        const { InstanceRefreshId: id } =
          options?.rollback === false
            ? await request(AUTOSCALING_CANCEL_ACTION, arn, new CancelInstanceRefreshCommand(input))
            : await request(AUTOSCALING_ROLLBACK_ACTION, arn, new RollbackInstanceRefreshCommand(input));
        // The response has no status. These are the ones that are documented for an accepted request.
        const Status = options?.rollback === false ? 'Cancelling' : 'RollbackInProgress';
        return record({ AutoScalingGroupName, InstanceRefreshId: id, Status });
      },
    };
  },
});
