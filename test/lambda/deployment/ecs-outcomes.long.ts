import { SCENARIO_NAMES } from '../../../local/scenarios';
import { expectEnd } from './ecs-outcomes';
import { prepare } from './step-by-step';

// Half an hour of looks takes a second or two, or more where the machine has other things to do.
jest.setTimeout(60_000);

prepare();

test.each(SCENARIO_NAMES)('the deployment of an ECS service: %s', expectEnd);
