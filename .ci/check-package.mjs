// Packs what would be published, reads its list, and uses it as a stranger would: from JavaScript and from TypeScript.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const name = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).name;
const place = mkdtempSync(join(tmpdir(), 'package-'));
const run = (command, args, cwd) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

try {
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', place], root));
  const files = packed.files.map(({ path }) => path);
  const allowed = [
    /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|API\.md|\.jsii)$/,
    /^lib\/[a-z-]+\.(js|d\.ts)$/,
    /^dist\/lambda\/([a-z]+|[a-z]+-service-[0-9A-Z]{8}|chunk-[0-9A-Z]{8})\.js$/,
    /^dist\/lambda\/files\.json$/,
  ];
  const strangers = files.filter((file) => !allowed.some((pattern) => pattern.test(file)));
  assert.deepEqual(strangers, [], 'files that are not to be published');
  const needed = ['.jsii', 'LICENSE', 'README.md', 'lib/index.js', 'lib/index.d.ts'];
  const bundles = Object.values(JSON.parse(readFileSync(join(root, 'dist/lambda/files.json'), 'utf8')))
    .flat()
    .map((file) => `dist/lambda/${file}`);
  const missing = [...needed, ...bundles].filter((file) => !files.includes(file));
  assert.deepEqual(missing, [], 'files that are missing');

  const modules = join(place, 'node_modules');
  const unpacked = join(modules, name);
  mkdirSync(unpacked, { recursive: true });
  run('tar', ['-xzf', join(place, packed.filename), '-C', unpacked, '--strip-components', '1'], place);
  const { dependencies = {} } = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8'));
  assert.deepEqual(dependencies, {}, 'runtime dependencies');
  mkdirSync(join(modules, '@types'));
  for (const peer of ['aws-cdk-lib', 'constructs', '@types/node'])
    symlinkSync(join(root, 'node_modules', peer), join(modules, peer));

  const app = `
const stack = new Stack(new App({ outdir: 'cdk.out' }), 'Use');
const cancellation = new DeploymentCancellation(stack, 'Cancel', {
  deployment: ProtonDeployment.serviceInstance({ serviceName: 'web', serviceInstanceName: 'web-prod' }),
  failOn: [CancellationOutcome.CANCEL_FAILED],
});
stack.exportValue(cancellation.deploymentStatus);
App.of(stack).synth();
`;
  const uses = ['CancellationOutcome', 'DeploymentCancellation', 'ProtonDeployment'].join(', ');
  writeFileSync(
    join(place, 'app.js'),
    `const { App, Stack } = require('aws-cdk-lib');\nconst { ${uses} } = require('${name}');\n${app}`,
  );
  writeFileSync(
    join(place, 'app.ts'),
    `import { App, Stack } from 'aws-cdk-lib';\nimport { ${uses} } from '${name}';\n${app.replace('App.of(stack)', '(App.of(stack) as App)')}`,
  );
  const strict = ['--strict', '--noEmit', '--skipLibCheck', '--module', 'node16', '--types', 'node', 'app.ts'];
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...strict], place);
  run(process.execPath, ['app.js'], place);

  const template = JSON.parse(readFileSync(join(place, 'cdk.out/Use.template.json'), 'utf8'));
  const types = Object.values(template.Resources).map(({ Type }) => Type);
  assert.equal(types.filter((type) => type === 'Custom::DeploymentCancellation').length, 1);
  const assets = readdirSync(join(place, 'cdk.out')).filter((entry) => entry.startsWith('asset.'));
  assert.equal(assets.length, 1, 'one asset for all functions');
  console.log(`${packed.filename}: ${files.length} files, ${Math.round(packed.size / 1024)} KB packed`);
} finally {
  rmSync(place, { recursive: true, force: true });
}
