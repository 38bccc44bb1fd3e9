import { SCENARIO_NAMES } from '../../../../emulator/simulation/scenarios';
import { prepare } from '../run-to-end';
import { expectEnd } from './ecs-outcomes';

// Half an hour of looks takes a second or two, or more where the machine has other things to do.
jest.setTimeout(60_000);

prepare();

test.each(SCENARIO_NAMES)('the deployment of an ECS service: %s', expectEnd);
