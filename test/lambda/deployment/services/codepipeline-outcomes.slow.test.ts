import { SCENARIO_NAMES } from '../../../../emulator/simulation/scenarios';
import { setUp } from '../run-to-end';
import { expectEnd } from './codepipeline-outcomes';

// Half an hour of polling takes a second or two, or more if the machine is busy.
jest.setTimeout(60_000);

setUp();

test.each(SCENARIO_NAMES)('the execution of a pipeline: %s', expectEnd);
