import { Emulator } from '../../emulator/emulator';

/** What functions that do well never have, whatever comes of what they are asked for. */
const CLEAN = { errors: 0, throttles: 0, dropped: 0 };

/** Waiting, a refusal, or what is not found is no error of a function. */
export function expectCleanFunctions({ lambda }: Emulator): void {
  expect(lambda.past.length).toBeGreaterThan(0);
  expect(lambda.past.map(({ usage }) => usage)).toEqual(lambda.past.map(() => expect.objectContaining(CLEAN)));
}

/** For a file in which no test lets a function fail: looks at every cloud when its test is over. */
export function keepFunctionsClean(): void {
  const start = Emulator.start.bind(Emulator);
  const clouds: Emulator[] = [];
  beforeEach(() => {
    jest.spyOn(Emulator, 'start').mockImplementation(async (options) => {
      const cloud = await start(options);
      clouds.push(cloud);
      return cloud;
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
    for (const cloud of clouds.splice(0)) expectCleanFunctions(cloud);
  });
}
