import { rmSync } from 'node:fs';

/** Removes the temporary directory of the run. */
export default function tearDown(): void {
  const { TMPDIR } = process.env;
  if (TMPDIR) rmSync(TMPDIR, { recursive: true, force: true });
}
