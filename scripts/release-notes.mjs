// Prints the section of a version of CHANGELOG.md. Fails if the tag is not the version of package.json, or if the
// section is missing or not dated.
//
//   node scripts/release-notes.mjs v0.1.0
import { readFileSync } from 'node:fs';

const tag = process.argv[2] ?? '';
const read = (file) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

try {
  console.log(releaseNotes(tag, JSON.parse(read('package.json')).version, read('CHANGELOG.md')));
} catch (error) {
  console.error(`release-notes: ${error.message}`);
  process.exitCode = 1;
}

function releaseNotes(tag, version, changelog) {
  if (tag !== `v${version}`) throw new Error(`the tag is '${tag}', and package.json has the version ${version}`);
  const section = changelog.split(/^## /m).find((each) => each.startsWith(`[${version}]`));
  if (!section) throw new Error(`CHANGELOG.md has no section for ${version}`);
  const [title, ...lines] = section.split('\n');
  if (!/ - \d{4}-\d{2}-\d{2}$/.test(title)) throw new Error(`the section of ${version} in CHANGELOG.md has no date`);
  return lines
    .filter((line) => !/^\[[^\]]+\]: /.test(line))
    .join('\n')
    .trim();
}
