import { FuzzRunner } from './fuzz';
test('x', async () => {
  const runner = await FuzzRunner.open();
  const { record, violations } = await runner.run({ seed: 1, lifecycle: 'created', timeoutSeconds: 60, failOn: [], onNotFound: 'fail', includeStatusMessage: false,
  behaviors: [{ first: { seconds: 3000, ends: 'SUCCEEDED' }, onCancel: 'cancelled', cancelSeconds: 20, startsAt: [], withholdsIds: false }],
  skewSeconds: 0, callFaults: [{ call: 'ssm:GetParameter', from: 1, count: 30, fault: 'server-error' }], functionFaults: [], responseFaults: [], abortsAt: [] });
  process.stderr.write(record.log.join('\n').slice(0, 9000));
  process.stderr.write(JSON.stringify(violations));
  process.stderr.write(record.logs.join('\n').slice(-3000));
  await runner.close();
});
