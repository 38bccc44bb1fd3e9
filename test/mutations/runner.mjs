// A test runner for StrykerJS that loads the code and the tests once, and then switches from mutant to mutant. Jest would load
// both again for each mutant, which takes nearly all of the time.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { INSTRUMENTER_CONSTANTS } from '@stryker-mutator/api/core';
import { declareFactoryPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import { DryRunStatus, MutantRunStatus, TestStatus, toMutantRunResult } from '@stryker-mutator/api/test-runner';

/** The tests of what is mutated, by folder. */
const FOLDERS = [
  'test/lambda',
  'test/lambda/deployment/engine',
  'test/lambda/deployment/fleet',
  'test/lambda/cloudformation',
];

/**
 * Left out: what reads bundles or source texts, and the tests with random input, which would take seconds for each mutant. They
 * can only detect more, so that the true score is not below the measured one.
 */
const LEFT_OUT = /(bundles|index|independence|random|sequences)\.test\.ts$/;

/** How often a test reached each mutant, in the sandbox. */
const HITS = 'mutant-hits.json';

/** A test that reaches a mutant this many times as often as without the mutant is endless. StrykerJS has the same factor. */
const HIT_LIMIT_FACTOR = 100;

class Runner {
  #blocks;
  #hits;
  #mocker;
  #unhandled = [];
  #namespace;

  constructor(namespace) {
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
    const require = createRequire(join(process.cwd(), 'package.json'));
    require('tsx/cjs/api').register();
    const { expect } = require('expect');
    const { ModuleMocker } = require('jest-mock');
    const { getState, describe, test, it, beforeAll, beforeEach, afterAll, afterEach } = require('jest-circus');
    const mocker = new ModuleMocker(globalThis);
    const jest = {
      fn: mocker.fn.bind(mocker),
      spyOn: mocker.spyOn.bind(mocker),
      restoreAllMocks: () => mocker.restoreAllMocks(),
      requireActual: require,
    };
    Object.assign(globalThis, { expect, jest, describe, test, it, beforeAll, beforeEach, afterAll, afterEach });
    this.#mocker = mocker;
    for (const path of testFiles()) describe(path, () => void require(join(process.cwd(), path)));
    this.#blocks = getState().rootDescribeBlock;
  }

  async dryRun() {
    const tests = await this.#run();
    const { mutantCoverage } = this.#namespace;
    // Other processes run the mutants as well.
    writeFileSync(HITS, JSON.stringify(mutantCoverage.perTest));
    return { status: DryRunStatus.Complete, tests, mutantCoverage };
  }

  async mutantRun({ activeMutant: { id }, mutantActivation, testFilter, disableBail }) {
    if (mutantActivation !== 'runtime') throw new Error('the configuration must set ignoreStatic');
    this.#hits ??= JSON.parse(readFileSync(HITS, 'utf8'));
    this.#namespace.activeMutant = id;
    const hitLimitOf = (test) => HIT_LIMIT_FACTOR * (this.#hits[test]?.[id] ?? 1);
    const tests = await this.#run({ only: testFilter && new Set(testFilter), bails: !disableBail, hitLimitOf });
    this.#namespace.activeMutant = undefined;
    const endless = tests.find(({ isEndless }) => isEndless);
    return endless
      ? { status: MutantRunStatus.Timeout, reason: `${endless.name} repeats the mutated code without an end` }
      : toMutantRunResult({ status: DryRunStatus.Complete, tests });
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

function testFiles() {
  const inFolder = (folder) => readdirSync(folder).map((name) => `${folder}/${name}`);
  return FOLDERS.flatMap(inFolder).filter((path) => path.endsWith('.test.ts') && !LEFT_OUT.test(path));
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

function create() {
  return new Runner(INSTRUMENTER_CONSTANTS.NAMESPACE);
}

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, 'in-process', create)];
