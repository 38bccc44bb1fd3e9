import { SCENARIO_NAMES } from '../../../local/scenarios';
import { expectEnd } from './codedeploy-outcomes';
import { prepare } from './step-by-step';

// Half an hour of looks takes a second or two, or more where the machine has other things to do.
jest.setTimeout(60_000);

prepare();

test.each(SCENARIO_NAMES)('a deployment to a CodeDeploy deployment group: %s', expectEnd);
