import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { SharedRuntime } from '../../emulator/core/shared-runtime';
import type { Assembly } from '../../emulator/simulation/assembly';
import { checkInvariants, type Violation } from './invariants';
import { perform, type Traces } from './perform';
import { type Schedule, schedules } from './schedule';
import { simulate } from './stack-lifecycles';

/** A schedule that breaks the promise, and no smaller one was found that does. */
export interface Finding {
  readonly schedule: Schedule;
  readonly violations: readonly Violation[];
}

export interface Findings {
  readonly runs: number;
  readonly findings: readonly Finding[];
}

/** Told of what happens on the way. */
interface Listener {
  readonly onRun?: () => void;
  readonly onFinding?: (finding: Finding) => void;
}

/** How much smaller a schedule is sought for, in runs. */
const MAX_SHRINKS = 60;
/** After so many, the rest is likely to be the same again. */
const MAX_FINDINGS = 5;

/** Where runs take place, one after the other. */
export class Stage {
  static async open(): Promise<Stage> {
    const outdir = mkdtempSync(join(tmpdir(), 'cdk.out-'));
    return new Stage(outdir, simulate(outdir), await SharedRuntime.start());
  }

  private constructor(
    private readonly outdir: string,
    private readonly assembly: Assembly,
    private readonly host: SharedRuntime,
  ) {}

  /** Plays a schedule and holds the promise against it. */
  async play(schedule: Schedule): Promise<{ readonly traces: Traces; readonly violations: readonly Violation[] }> {
    const traces = await perform(schedule, this.assembly, this.host);
    return { traces, violations: checkInvariants(traces) };
  }

  /** Draws so many schedules and plays them. */
  async campaign(runs: number, seed: number, { onRun, onFinding }: Listener = {}): Promise<Findings> {
    const findings: Finding[] = [];
    let done = 0;
    for (let part = 0; done < runs && findings.length < MAX_FINDINGS; part++) {
      const found = await this.part(runs - done, seed + part, onRun);
      done += found.runs;
      if (!found.finding) continue;
      findings.push(found.finding);
      onFinding?.(found.finding);
    }
    return { runs: done, findings };
  }

  async close(): Promise<void> {
    await this.host.close();
    rmSync(this.outdir, { recursive: true, force: true });
  }

  /** Up to the first schedule that breaks the promise. */
  private async part(numRuns: number, seed: number, onRun?: () => void) {
    let shrinks = 0;
    let finding: Finding | undefined;
    const property = fc.asyncProperty(schedules, async (schedule) => {
      if (finding && ++shrinks > MAX_SHRINKS) return;
      const { violations } = await this.play(schedule);
      if (!finding) onRun?.();
      // What it shrinks to has to break the same promise.
      const [first] = finding?.violations ?? violations;
      if (!first || !violations.some(({ kind }) => kind === first.kind)) return;
      finding = { schedule, violations };
      throw new Error(first.what);
    });
    const { numRuns: runs, failed, counterexample, errorInstance: cause } = await fc.check(property, { numRuns, seed });
    // Neither a breach nor none: the campaign itself is at fault.
    if (failed && !finding) throw new Error(`cannot be played: ${JSON.stringify(counterexample?.[0])}`, { cause });
    return { runs, finding };
  }
}
