// A test runner for StrykerJS that loads the code and the tests once, and then switches from mutant to mutant. Jest would load
// both again for each mutant, which takes nearly all of the time.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { INSTRUMENTER_CONSTANTS } from '@stryker-mutator/api/core';
import { declareFactoryPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  DryRunStatus,
  determineHitLimitReached,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';

/** The tests of what is mutated, by folder. */
const FOLDERS = [
  'test/lambda',
  'test/lambda/deployment/engine',
  'test/lambda/deployment/fleet',
  'test/lambda/cloudformation',
];
const POLICIES = 'test/lib/workflow';

/**
 * Left out: what reads bundles or source texts, and the tests with random input, which would take seconds for each mutant. They
 * can only detect more, so that the true score is not below the measured one.
 */
const LEFT_OUT = /(bundles|index|independence|random|sequences)\.test\.ts$/;

class Runner {
  #blocks;
  #mocker;
  #unhandled = [];
  #namespace;

  constructor(namespace) {
    globalThis[namespace] ??= {};
    this.#namespace = globalThis[namespace];
    process.on('unhandledRejection', (error) => this.#unhandled.push(error));
  }

  capabilities() {
    return { reloadEnvironment: false };
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
    return { status: DryRunStatus.Complete, tests, mutantCoverage: this.#namespace.mutantCoverage };
  }

  async mutantRun({ activeMutant, hitLimit, testFilter, disableBail }) {
    const namespace = this.#namespace;
    Object.assign(namespace, { activeMutant: activeMutant.id, hitLimit, hitCount: hitLimit ? 0 : undefined });
    const tests = await this.#run({ only: testFilter && new Set(testFilter), bails: !disableBail });
    const timeout = determineHitLimitReached(namespace.hitCount, hitLimit);
    namespace.activeMutant = undefined;
    return toMutantRunResult(timeout ?? { status: DryRunStatus.Complete, tests });
  }

  async #run({ only, bails = false } = {}) {
    const results = [];
    /** Runs the tests of a block. Returns whether to go on. */
    const runBlock = async (block, outer) => {
      const selected = (child) =>
        child.type === 'test' ? !only || only.has(nameOf(child)) : child.children.some(selected);
      if (!selected(block)) return true;
      const blocks = [...outer, block];
      const all = hooksOf([block], 'beforeAll');
      for (const hook of all) await call(hook.fn);
      let goesOn = true;
      for (const child of block.children.filter(selected)) {
        if (child.type === 'test') {
          const result = await this.#runTest(child, blocks);
          results.push(result);
          goesOn = !bails || result.status !== TestStatus.Failed;
        } else goesOn = await runBlock(child, blocks);
        if (!goesOn) break;
      }
      for (const hook of hooksOf([block], 'afterAll')) await call(hook.fn);
      return goesOn;
    };
    await runBlock(this.#blocks, []);
    return results;
  }

  async #runTest(test, blocks) {
    const id = nameOf(test);
    this.#namespace.currentTestId = id;
    this.#unhandled = [];
    const begunAt = performance.now();
    const errors = [];
    const attempt = (fn) => call(fn).catch((error) => errors.push(error));
    for (const hook of hooksOf(blocks, 'beforeEach')) await attempt(hook.fn);
    if (errors.length === 0) await attempt(test.fn);
    for (const hook of hooksOf([...blocks].reverse(), 'afterEach')) await attempt(hook.fn);
    this.#mocker.restoreAllMocks();
    this.#namespace.currentTestId = undefined;
    const [error] = [...errors, ...this.#unhandled];
    const result = { id, name: id, timeSpentMs: performance.now() - begunAt };
    return errors.length + this.#unhandled.length === 0
      ? { ...result, status: TestStatus.Success }
      : { ...result, status: TestStatus.Failed, failureMessage: String(error?.message ?? error) };
  }
}

function testFiles() {
  const inFolder = (folder) => readdirSync(folder).map((name) => `${folder}/${name}`);
  const paths = [...FOLDERS.flatMap(inFolder), ...inFolder(POLICIES).filter((path) => path.includes('polic'))];
  return paths.filter((path) => path.endsWith('.test.ts') && !LEFT_OUT.test(path));
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
