import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';

// The protocol of the runner, which is small. The package that GitHub has for it bundles a client of HTTP as well.

/** The value of an input; empty if there is none. */
export function getInput(name: string): string {
  return (process.env[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] ?? '').trim();
}

/** A value that the main step has saved; empty if there is none. */
export function getState(name: string): string {
  return process.env[`STATE_${name}`] ?? '';
}

/** @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands */
export function setOutput(name: string, value: string): void {
  appendTo('GITHUB_OUTPUT', name, value);
}

/** Saves a value for the post step. */
export function saveState(name: string, value: string): void {
  appendTo('GITHUB_STATE', name, value);
}

/** Shows an error in the summary of the job. */
export function showError(message: string): void {
  const escaped = message.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  process.stdout.write(`::error::${escaped}\n`);
}

function appendTo(variable: 'GITHUB_OUTPUT' | 'GITHUB_STATE', name: string, value: string): void {
  const file = process.env[variable];
  if (file === undefined) throw new Error(`${variable} is not set: run this in a job of GitHub Actions`);
  // No value can contain the delimiter, and so end the entry and begin another one.
  const delimiter = `end-${randomUUID()}`;
  appendFileSync(file, `${name}<<${delimiter}\n${value}\n${delimiter}\n`);
}
