// Synthesizes one stack in a new process: node app.js DESIGN CANCELLATIONS OUTDIR
import { framework, ours, synthesize } from './stacks';

const [design, cancellations, outdir] = process.argv.slice(2);
if (!outdir) throw new Error('usage: app.js ours|framework CANCELLATIONS OUTDIR');
synthesize(outdir, design === 'ours' ? ours : framework(), Number(cancellations));
