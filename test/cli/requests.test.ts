import { RequestNotSentError, Requests } from '../../cli/requests';
import { DEPLOYMENT_KINDS, kindDefinition } from '../../lib/deployments/kinds';

describe('requests', () => {
  const read = { action: 'ecs:DescribeServiceDeployments', resourceArn: 'a' };
  const stop = { action: 'ecs:StopServiceDeployment', resourceArn: 'b' };

  test('are listed once, the change last', () => {
    const requests = new Requests();
    for (const request of [read, stop, read, { ...read, resourceArn: 'c' }]) requests.add(request);
    expect(requests.all).toEqual([read, { ...read, resourceArn: 'c' }, stop]);
    expect(requests.change).toEqual(stop);
  });

  test.each(['ecs:StopServiceDeployment', 'x:Cancel', 'x:Delete', 'x:Getaway', 'x:UpdateList', 'x:ListenTo'])(
    '%s is a change, and is blocked',
    (action) => {
      const onBlocked = jest.fn();
      const requests = new Requests(onBlocked);
      expect(() => requests.add({ action, resourceArn: '*' })).toThrow(RequestNotSentError);
      expect(onBlocked).toHaveBeenCalledWith({ action, resourceArn: '*' });
    },
  );

  test.each(['x:GetA', 'x:ListA', 'x:DescribeA', 'x:BatchGetA'])('%s is a read, and is sent', (action) => {
    const requests = new Requests(() => {
      throw new Error('was blocked');
    });
    requests.add({ action, resourceArn: '*' });
    expect(requests.change).toBeUndefined();
  });

  test.each(DEPLOYMENT_KINDS)('the cancel action of %s is a change, and its read action is not', (kind) => {
    const { cancelAction, readAction } = kindDefinition(kind);
    const requests = new Requests();
    requests.add({ action: readAction, resourceArn: '*' });
    expect(requests.change).toBeUndefined();
    requests.add({ action: cancelAction, resourceArn: '*' });
    expect(requests.change?.action).toBe(cancelAction);
  });
});
