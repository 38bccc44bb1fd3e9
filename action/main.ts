import { isPost } from './inputs';
import { cancelByInputs, runStep, validInputs } from './run';
import { getInput, saveState } from './runner';
import { STARTED_AT } from './state';

runStep(async () => {
  if (!isPost(getInput)) return cancelByInputs();
  // Inputs that are not valid fail the job now, and not when something has to be cancelled.
  validInputs();
  saveState(STARTED_AT, new Date().toISOString());
  process.stdout.write('cancels at the end of the job, if it failed or was cancelled\n');
});
