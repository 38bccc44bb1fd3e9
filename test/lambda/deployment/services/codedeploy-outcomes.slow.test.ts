import { SCENARIO_NAMES } from '../../../../emulator/simulation/scenarios';
import { prepare } from '../run-to-end';
import { expectEnd } from './codedeploy-outcomes';

// Half an hour of looks takes a second or two, or more where the machine has other things to do.
jest.setTimeout(60_000);

prepare();

test.each(SCENARIO_NAMES)('a deployment to a CodeDeploy deployment group: %s', expectEnd);
