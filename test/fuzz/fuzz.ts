import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { SharedRuntime } from '../../emulator/core/shared-runtime';
import { Assemblies } from './assemblies';
import { schedules } from './draw';
import { checkInvariants, type Violation } from './invariants';
import { perform, type RunRecord } from './perform';
import type { Schedule } from './schedule';

/** The smallest schedule that was found to violate an invariant. */
export interface Finding {
  readonly schedule: Schedule;
  readonly violations: readonly Violation[];
}

export interface Findings {
  readonly runs: number;
  readonly findings: readonly Finding[];
}

/** Callbacks of the progress. */
interface Listener {
  readonly onRun?: () => void;
  readonly onFinding?: (finding: Finding) => void;
}

/** The largest number of runs that shrink a schedule. */
const MAX_SHRINKS = 60;
/** Further findings are probably the same. */
const MAX_FINDINGS = 5;

/** Runs schedules one after the other. */
export class FuzzRunner {
  static async open(): Promise<FuzzRunner> {
    const outdir = mkdtempSync(join(tmpdir(), 'cdk.out-'));
    return new FuzzRunner(outdir, new Assemblies(outdir), await SharedRuntime.start());
  }

  private constructor(
    private readonly outdir: string,
    private readonly assemblies: Assemblies,
    private readonly runtime: SharedRuntime,
  ) {}

  /** Runs a schedule, and checks the invariants. */
  async run(schedule: Schedule): Promise<{ readonly record: RunRecord; readonly violations: readonly Violation[] }> {
    const record = await perform(schedule, this.assemblies.of(schedule), this.runtime);
    return { record, violations: checkInvariants(record) };
  }

  /** Generates so many schedules, and runs them. */
  async fuzz(runs: number, seed: number, { onRun, onFinding }: Listener = {}): Promise<Findings> {
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
    await this.runtime.close();
    rmSync(this.outdir, { recursive: true, force: true });
  }

  /** Runs schedules until one violates an invariant. */
  private async part(numRuns: number, seed: number, onRun?: () => void) {
    let shrinks = 0;
    let finding: Finding | undefined;
    const property = fc.asyncProperty(schedules, async (schedule) => {
      if (finding && ++shrinks > MAX_SHRINKS) return;
      const { violations } = await this.run(schedule);
      if (!finding) onRun?.();
      // A smaller schedule must violate the same invariant.
      const [first] = finding?.violations ?? violations;
      if (!first || !violations.some(({ kind }) => kind === first.kind)) return;
      finding = { schedule, violations };
      throw new Error(first.what);
    });
    const { numRuns: runs, failed, counterexample, errorInstance: cause } = await fc.check(property, { numRuns, seed });
    // The run itself failed.
    if (failed && !finding) throw new Error(`cannot be run: ${JSON.stringify(counterexample?.[0])}`, { cause });
    return { runs, finding };
  }
}
