import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The directories of functions whose code is in their template. */
export class InlineCode {
  private readonly directories = new Map<string, string>();

  /** Returns the directory that Lambda would unpack the code to. */
  directoryOf(code: string): string {
    const existing = this.directories.get(code);
    if (existing !== undefined) return existing;
    const directory = mkdtempSync(join(tmpdir(), 'inline-function-'));
    this.directories.set(code, directory);
    writeFileSync(join(directory, isEsModule(code) ? 'index.mjs' : 'index.js'), code);
    const module = join(directory, 'node_modules', 'cfn-response');
    mkdirSync(module, { recursive: true });
    writeFileSync(join(module, 'index.js'), CFN_RESPONSE);
    return directory;
  }

  close(): void {
    for (const directory of this.directories.values()) rmSync(directory, { recursive: true, force: true });
    this.directories.clear();
  }
}

function isEsModule(code: string): boolean {
  return /^\s*(import\s+[\w*{'"]|export\s+(default|const|let|async|function|class|\{))/m.test(code);
}

/**
 * The module that CloudFormation adds to inline code.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-lambda-function-code-cfnresponsemodule.html
 */
const CFN_RESPONSE = `const https = require('node:https');

exports.SUCCESS = 'SUCCESS';
exports.FAILED = 'FAILED';
exports.send = (event, context, status, data, physicalResourceId, noEcho) => {
  const { StackId, RequestId, LogicalResourceId, ResponseURL } = event;
  const body = JSON.stringify({
    Status: status,
    Reason: 'See the details in CloudWatch Log Stream: ' + context.logStreamName,
    PhysicalResourceId: physicalResourceId || context.logStreamName,
    StackId,
    RequestId,
    LogicalResourceId,
    NoEcho: noEcho || false,
    Data: data,
  });
  const { hostname, pathname, search } = new URL(ResponseURL);
  const headers = { 'content-type': '', 'content-length': Buffer.byteLength(body) };
  const options = { hostname, path: pathname + search, method: 'PUT', headers };
  const request = https.request(options, (response) => {
    response.resume();
    response.on('end', () => context.done());
  });
  request.on('error', (error) => {
    console.log('the response could not be sent: ' + error);
    context.done();
  });
  request.end(body);
};
`;
