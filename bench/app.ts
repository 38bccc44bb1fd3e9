// What a fresh process synthesises: node app.js DESIGN CANCELLATIONS OUTDIR
import { framework, ours, synthesise } from './stacks';

const [design, cancellations, outdir] = process.argv.slice(2);
if (!outdir) throw new Error('usage: app.js ours|framework CANCELLATIONS OUTDIR');
synthesise(outdir, design === 'ours' ? ours : framework(), Number(cancellations));
