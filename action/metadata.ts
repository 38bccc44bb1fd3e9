import { COMMON_FLAGS, commandOf, type Flag, flagsOfKind } from '../cli/flags';
import { DEPLOYMENT_KINDS } from '../lib/deployments/kinds';
import { FLAG_INPUTS, KIND, POST } from './inputs';

const OUTPUTS = {
  outcome: 'The outcome, such as CANCELLED',
  'deployment-status': 'The last status of the deployment, as its service names it',
  'deployment-id': 'The ID of the deployment',
  'console-url': 'The page of the deployment in the AWS Management Console',
};

function input(name: string, { description, required = false }: { description: string; required?: boolean }): string {
  return `  ${name}:\n    description: ${JSON.stringify(description)}\n    required: ${required}`;
}

function flagInput([name, { type, help }]: [string, Flag]): string {
  const kinds = DEPLOYMENT_KINDS.filter((kind) => Object.hasOwn(flagsOfKind(kind), name)).map(commandOf);
  const about = Object.hasOwn(COMMON_FLAGS, name) ? help : `for ${kinds.join(', ')}`;
  return input(name, { description: type === 'boolean' ? `true or false: ${about}` : about });
}

/** The file action.yml. */
export const ACTION_YML = `# Written by npm run action:metadata. Do not edit.
name: Cancel an AWS deployment
description: Cancels a deployment in flight, waits until it is over, and says how it ended
inputs:
${[
  input(KIND, { description: `what to cancel: ${DEPLOYMENT_KINDS.map(commandOf).join(', ')}`, required: true }),
  input(POST, {
    description: 'true or false: does nothing now, and cancels at the end of the job if it failed or was cancelled',
  }),
  ...Object.entries(FLAG_INPUTS).map(flagInput),
].join('\n')}
outputs:
${Object.entries(OUTPUTS)
  .map(([name, description]) => `  ${name}:\n    description: ${JSON.stringify(description)}`)
  .join('\n')}
runs:
  using: node24
  main: dist/main.mjs
  post: dist/post.mjs
  post-if: failure() || cancelled()
branding:
  icon: stop-circle
  color: red
`;
