import { SCENARIO_NAMES } from '../../../local/scenarios';
import { expectEnd } from './codepipeline-outcomes';
import { prepare } from './step-by-step';

// Half an hour of looks takes a second or two, or more where the machine has other things to do.
jest.setTimeout(60_000);

prepare();

test.each(SCENARIO_NAMES)('the execution of a pipeline: %s', expectEnd);
