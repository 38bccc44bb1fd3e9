// A test runner for StrykerJS that loads the code and the tests once, and then switches from mutant to mutant. Jest would load
// both again for each mutant, which takes nearly all of the time.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import { INSTRUMENTER_CONSTANTS } from '@stryker-mutator/api/core';
import { commonTokens, declareFactoryPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin';
import { DryRunStatus, MutantRunStatus, TestStatus, toMutantRunResult } from '@stryker-mutator/api/test-runner';

/** How often a test reached each mutant, in the sandbox. */
const HITS = 'mutant-hits.json';

/** The temporary files of the tests, in the sandbox. The stacks that they synthesize would fill the disk. */
const TEMPORARY = 'temporary';

/** A test that reaches a mutant this many times as often as without the mutant is endless. StrykerJS has the same factor. */
const HIT_LIMIT_FACTOR = 100;

/**
 * The options of the runner: the folders of the tests, and a pattern of the paths that are left out. With `mirrors`, only the
 * tests in the folder that mirrors the one of a mutant, such as `test/lib/workflow` for `lib/workflow`, run for it.
 */
export const strykerValidationSchema = {
  properties: {
    inProcess: {
      type: 'object',
      properties: {
        folders: { type: 'array', items: { type: 'string' } },
        leftOut: { type: 'string' },
        mirrors: { type: 'boolean' },
      },
      required: ['folders', 'leftOut'],
      additionalProperties: false,
    },
  },
  required: ['inProcess'],
};

class Runner {
  #tests;
  #blocks;
  #hits;
  #mocker;
  #unhandled = [];
  #namespace;

  constructor(namespace, tests) {
    this.#tests = tests;
    globalThis[namespace] ??= {};
    this.#namespace = globalThis[namespace];
    for (const event of ['unhandledRejection', 'uncaughtException']) {
      process.on(event, (error) => this.#unhandled.push(error));
    }
  }

  /** Nothing has to be loaded again: with `ignoreStatic`, no mutant is active while the code is loaded. */
  capabilities() {
    return { reloadEnvironment: true };
  }

  /** Loads the tests, which load the code. Their blocks and hooks are collected by Jest's own functions. */
  async init() {
    process.env.CDK_VALIDATION ??= 'false';
    process.env.TMPDIR = join(process.cwd(), TEMPORARY, String(process.pid));
    mkdirSync(process.env.TMPDIR, { recursive: true });
    const require = createRequire(join(process.cwd(), 'package.json'));
    require('tsx/cjs/api').register();
    const { expect } = require('expect');
    const { ModuleMocker } = require('jest-mock');
    const { getState, describe, test, it, beforeAll, beforeEach, afterAll, afterEach } = require('jest-circus');
    const { ModernFakeTimers } = require('@jest/fake-timers');
    const mocker = new ModuleMocker(globalThis);
    const timers = new ModernFakeTimers({ config: { fakeTimers: {} }, global: globalThis });
    const jest = {
      fn: mocker.fn.bind(mocker),
      spyOn: mocker.spyOn.bind(mocker),
      restoreAllMocks: () => mocker.restoreAllMocks(),
      requireActual: (path) => createRequire(file)(path),
      useFakeTimers: (options) => timers.useFakeTimers(options),
      useRealTimers: () => timers.useRealTimers(),
      setSystemTime: (now) => timers.setSystemTime(now),
    };
    Object.assign(globalThis, { expect, jest, describe, test, it, beforeAll, beforeEach, afterAll, afterEach });
    this.#mocker = mocker;
    const environment = process.env;
    /** The test file that is loaded, or whose tests run. */
    let file;
    for (const path of testFiles(this.#tests)) {
      describe(path, () => {
        // As in Jest, each file has its own environment variables.
        let own = { ...environment };
        beforeAll(() => {
          file = join(process.cwd(), path);
          process.env = { ...own };
        });
        process.env = own;
        file = join(process.cwd(), path);
        require(file);
        own = { ...process.env };
      });
    }
    process.env = environment;
    this.#blocks = getState().rootDescribeBlock;
  }

  async dryRun() {
    const tests = await this.#run();
    const { mutantCoverage } = this.#namespace;
    // Other processes run the mutants as well.
    writeFileSync(HITS, JSON.stringify(mutantCoverage.perTest));
    return { status: DryRunStatus.Complete, tests, mutantCoverage };
  }

  async mutantRun({ activeMutant: { id }, sandboxFileName, mutantActivation, testFilter, disableBail }) {
    if (mutantActivation !== 'runtime') throw new Error('the configuration must set ignoreStatic');
    this.#hits ??= JSON.parse(readFileSync(HITS, 'utf8'));
    this.#namespace.activeMutant = id;
    const hitLimitOf = (test) => HIT_LIMIT_FACTOR * (this.#hits[test]?.[id] ?? 1);
    const only = testFilter && new Set(testFilter.filter((test) => this.#mayTest(test, sandboxFileName)));
    const tests = await this.#run({ only, bails: !disableBail, hitLimitOf });
    this.#namespace.activeMutant = undefined;
    for (const name of readdirSync(process.env.TMPDIR)) {
      rmSync(join(process.env.TMPDIR, name), { recursive: true, force: true });
    }
    const endless = tests.find(({ isEndless }) => isEndless);
    return endless
      ? { status: MutantRunStatus.Timeout, reason: `${endless.name} repeats the mutated code without an end` }
      : toMutantRunResult({ status: DryRunStatus.Complete, tests });
  }

  #mayTest(test, fileName) {
    if (!this.#tests.mirrors) return true;
    const [root, folder] = relative(process.cwd(), fileName).split(sep);
    return test.startsWith(`test/${root}/${folder}/`);
  }

  async #run({ only, bails = false, hitLimitOf } = {}) {
    const results = [];
    /** Runs the tests of a block. Returns whether to go on. */
    const runBlock = async (block, outer) => {
      const selected = (child) =>
        child.type === 'test' ? !only || only.has(nameOf(child)) : child.children.some(selected);
      if (!selected(block)) return true;
      const blocks = [...outer, block];
      let goesOn = true;
      const attemptAll = async (type) => {
        for (const hook of hooksOf([block], type)) await call(hook.fn);
      };
      try {
        await attemptAll('beforeAll');
        for (const child of block.children.filter(selected)) {
          if (child.type === 'test') {
            const result = await this.#runTest(child, blocks, hitLimitOf?.(nameOf(child)));
            results.push(result);
            goesOn = !bails || result.status !== TestStatus.Failed;
          } else goesOn = await runBlock(child, blocks);
          if (!goesOn) break;
        }
      } catch (error) {
        const id = nameOf(firstTest(block));
        results.push({ id, name: id, timeSpentMs: 0, status: TestStatus.Failed, failureMessage: String(error) });
        goesOn = !bails;
      }
      await attemptAll('afterAll').catch(() => undefined);
      return goesOn;
    };
    await runBlock(this.#blocks, []);
    return results;
  }

  async #runTest(test, blocks, hitLimit) {
    const id = nameOf(test);
    const namespace = this.#namespace;
    Object.assign(namespace, { currentTestId: id, hitLimit, hitCount: hitLimit && 0 });
    this.#unhandled = [];
    const begunAt = performance.now();
    const errors = [];
    const attempt = (fn) => call(fn).catch((error) => errors.push(error));
    for (const hook of hooksOf(blocks, 'beforeEach')) await attempt(hook.fn);
    if (errors.length === 0) await attempt(test.fn);
    for (const hook of hooksOf([...blocks].reverse(), 'afterEach')) await attempt(hook.fn);
    this.#mocker.restoreAllMocks();
    namespace.currentTestId = undefined;
    const [error] = [...errors, ...this.#unhandled];
    const isEndless = namespace.hitCount > hitLimit;
    const result = { id, name: id, timeSpentMs: performance.now() - begunAt, isEndless };
    return errors.length + this.#unhandled.length === 0 && !isEndless
      ? { ...result, status: TestStatus.Success }
      : { ...result, status: TestStatus.Failed, failureMessage: String(error?.message ?? error) };
  }
}

function testFiles({ folders, leftOut }) {
  const inFolder = (folder) => readdirSync(folder, { recursive: true }).map((name) => `${folder}/${name}`);
  const isLeftOut = new RegExp(leftOut);
  return folders
    .flatMap(inFolder)
    .filter((path) => path.endsWith('.test.ts') && !path.endsWith('.slow.test.ts') && !isLeftOut.test(path))
    .sort();
}

/** A test of a block, which stands for it when a hook fails. */
function firstTest(block) {
  return block.type === 'test'
    ? block
    : firstTest(block.children.find((child) => child.type === 'test' || hasTests(child)));
}

function hasTests(block) {
  return block.children.some((child) => child.type === 'test' || hasTests(child));
}

function hooksOf(blocks, type) {
  return blocks.flatMap(({ hooks }) => hooks.filter((hook) => hook.type === type));
}

async function call(fn) {
  await fn();
}

function nameOf(test) {
  const names = [];
  for (let block = test; block.parent; block = block.parent) names.unshift(block.name);
  return names.join(' › ');
}

function create({ inProcess }) {
  return new Runner(INSTRUMENTER_CONSTANTS.NAMESPACE, inProcess);
}
create.inject = tokens(commonTokens.options);

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, 'in-process', create)];
