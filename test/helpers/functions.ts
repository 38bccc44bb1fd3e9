import { Emulator } from '../../emulator/emulator';

/** The usage of functions without failures. */
const CLEAN = { errors: 0, throttles: 0, dropped: 0 };

/** Expects that no function failed. A wait, a rejection or a missing resource is not a failure of a function. */
export function expectCleanFunctions({ lambda }: Emulator): void {
  expect(lambda.past.length).toBeGreaterThan(0);
  expect(lambda.past.map(({ usage }) => usage)).toEqual(lambda.past.map(() => expect.objectContaining(CLEAN)));
}

/** Expects after each test of a file that no function of its emulators failed. */
export function keepFunctionsClean(): void {
  const start = Emulator.start.bind(Emulator);
  const emulators: Emulator[] = [];
  beforeEach(() => {
    jest.spyOn(Emulator, 'start').mockImplementation(async (options) => {
      const emulator = await start(options);
      emulators.push(emulator);
      return emulator;
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
    for (const emulator of emulators.splice(0)) expectCleanFunctions(emulator);
  });
}
