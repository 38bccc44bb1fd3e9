import { SCENARIO_NAMES } from '../../../local/scenarios';
import { expectEnd, prepare } from './codedeploy-outcomes';

// Half an hour of looks takes a second or two, or more where the machine has other things to do.
jest.setTimeout(60_000);

prepare();

test.each(SCENARIO_NAMES)('a deployment to a CodeDeploy deployment group: %s', expectEnd);
