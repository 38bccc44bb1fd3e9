import { SCENARIO_NAMES } from '../../../../emulator/simulation/scenarios';
import { setUp } from '../run-to-end';
import { expectKindEnd, KINDS_WITH_ENDS } from './kind-outcomes';

// Half an hour of polling takes a second or two, or more if the machine is busy.
jest.setTimeout(60_000);

setUp();

describe.each(KINDS_WITH_ENDS)('%s', (kind) => {
  test.each(SCENARIO_NAMES)('%s', (name) => expectKindEnd(kind, name));
});
