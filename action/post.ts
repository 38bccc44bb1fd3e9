import { cancelByInputs, runStep } from './run';
import { getInput, getState } from './runner';
import { STARTED_AT } from './state';

runStep(async () => {
  const startedAt = getState(STARTED_AT);
  // Without it, the main step has cancelled already, or has not run.
  if (startedAt === '') return;
  const isNamed = getInput('deployment-id') !== '' || getInput('ignore-started-before') !== '';
  // A deployment that was in flight before the job is not its own.
  await cancelByInputs(isNamed ? [] : ['--ignore-started-before', startedAt]);
});
