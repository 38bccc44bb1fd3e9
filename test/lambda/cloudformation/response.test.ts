import {
  type CustomResourceResponse,
  formatReason,
  MAX_RESPONSE_BYTES,
  renderResponse,
} from '../../../lambda/cloudformation/response';
import { ATTRIBUTES, type Attributes, type CloudFormationRequest } from '../../../lib/contract/cancellation';

const request: CloudFormationRequest = {
  StackId: 'arn:aws:cloudformation:us-east-1:111122223333:stack/Stack/0aa1',
  RequestId: 'request-1',
  LogicalResourceId: 'Cancel',
  PhysicalResourceId: 'Cancel-1234',
};

/** Every field at the limit of CloudFormation. */
const longest: CloudFormationRequest = {
  StackId: `arn:aws-us-gov:cloudformation:us-gov-east-1:111122223333:stack/${'S'.repeat(128)}/${'0'.repeat(36)}`,
  RequestId: '0'.repeat(36),
  LogicalResourceId: 'L'.repeat(255),
  PhysicalResourceId: 'P'.repeat(1024),
};

const ARN = 'arn:aws:states:eu-west-1:111122223333:execution:Workflow:Cancel-1';
const LINK =
  'https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions/details/arn:aws:states:eu-west-1:111122223333:execution:Workflow:Cancel-1';

function rendered(of: CloudFormationRequest, response: CustomResourceResponse) {
  const body = renderResponse(of, response);
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_RESPONSE_BYTES);
  const { Reason, Data, ...rest } = JSON.parse(body) as { Reason: string; Data: Record<string, string> };
  return { Reason, Data, rest };
}

test('a SUCCESS response repeats the request and has every attribute, empty if unknown', () => {
  const response: CustomResourceResponse = {
    status: 'SUCCESS',
    attributes: { deploymentStatus: 'CANCELLED', outcome: 'CANCELLED' },
  };
  expect(JSON.parse(renderResponse(request, response))).toEqual({
    ...request,
    Status: 'SUCCESS',
    Reason: '',
    Data: {
      deploymentStatus: 'CANCELLED',
      outcome: 'CANCELLED',
      deploymentId: '',
      executionArn: '',
      deploymentStatusMessage: '',
      arn: '',
      createdAt: '',
      environmentName: '',
      lastDeploymentAttemptedAt: '',
      lastDeploymentSucceededAt: '',
      lifecycleStage: '',
      name: '',
      serviceName: '',
      templateName: '',
      templateMajorVersion: '',
      templateMinorVersion: '',
    },
  });
});

test('a FAILED response has the reason on one line', () => {
  const { Reason, rest } = rendered(request, { status: 'FAILED', reason: ' first\n\tsecond\r\n', attributes: {} });
  expect(Reason).toBe('first second');
  expect(rest).toEqual({ ...request, Status: 'FAILED' });
});

describe('the link to the execution', () => {
  test('follows the cause', () => {
    expect(formatReason('it\nfailed', ARN)).toBe(`it failed; see ${LINK}`);
  });

  test.each([
    ['aws', 'us-east-1', 'https://us-east-1.console.aws.amazon.com/'],
    ['aws-cn', 'cn-north-1', 'https://console.amazonaws.cn/'],
    ['aws-us-gov', 'us-gov-west-1', 'https://console.amazonaws-us-gov.com/'],
  ])('points to the console of %s', (partition, region, console) => {
    const arn = `arn:${partition}:states:${region}:111122223333:execution:Workflow:Cancel-1`;
    expect(formatReason('it failed', arn)).toBe(
      `it failed; see ${console}states/home?region=${region}#/v2/executions/details/${arn}`,
    );
  });
});

const ALPHABETS: [string, string][] = [
  ['ASCII', 'abc '],
  ['quotes and backslashes', '"\\'],
  ['two bytes', 'äöü'],
  ['three bytes', '漢字'],
  ['emoji', '👩‍👩‍👧‍👦🏳️‍🌈'],
  ['control characters', '\u0000\u0001\u001b\u007f\u0085'],
  ['whitespace', ' \n\r\t\u2028\u3000'],
  ['high surrogates', '\ud83d'],
  ['low surrogates', '\udc69'],
  ['surrogates in the wrong order', '\udc69\ud83d'],
  ['JSON', '{"Status":"SUCCESS"},'],
];

/** Characters that are invalid in XML, which CloudFormation's API uses. */
const INVALID_IN_XML = /[\p{Cc}\p{Cs}]/u;

describe.each(ALPHABETS)('texts of %s', (_alphabet, letters) => {
  describe.each([
    ['a short request', request],
    ['the longest request', longest],
  ])('in the response to %s', (_request, of) => {
    const known: Attributes = {
      deploymentStatus: 'CANCELLED',
      outcome: 'CANCELLED',
      deploymentId: 'id-1',
      executionArn: ARN,
    };

    test.each([0, 1, 1_024, 20_000])('stay within the limit at length %i', (length) => {
      const text = letters.repeat(Math.ceil(length / letters.length)).slice(0, length);
      const huge = Object.fromEntries(ATTRIBUTES.map((name) => [name, text]));
      for (const attributes of [{}, known, { ...known, deploymentStatusMessage: text }, { ...huge, ...known }, huge]) {
        const success = rendered(of, { status: 'SUCCESS', attributes });
        const bare = rendered(of, { status: 'FAILED', reason: `cause: ${text}`, attributes });
        const linked = rendered(of, { status: 'FAILED', reason: formatReason(`cause: ${text}`, ARN), attributes });
        for (const { Reason, Data } of [success, bare, linked]) {
          expect(Object.keys(Data)).toEqual([...ATTRIBUTES]);
          expect([Reason, ...Object.values(Data)].join('')).not.toMatch(INVALID_IN_XML);
          // Short attributes are complete, however long the others are.
          if (attributes !== huge) expect(Data).toMatchObject(attributes === known ? known : short(attributes));
        }
        expect([success, bare, linked].map(({ rest }) => rest)).toEqual(
          ['SUCCESS', 'FAILED', 'FAILED'].map((Status) => ({ ...of, Status })),
        );
        expect([success.Reason, bare.Reason.slice(0, 6), linked.Reason.slice(0, 6)]).toEqual(['', 'cause:', 'cause:']);
        expect(linked.Reason.slice(linked.Reason.indexOf('; see '))).toBe(`; see ${LINK}`);
      }
    });
  });
});

function short({ deploymentStatus, outcome, deploymentId }: Attributes): Attributes {
  return deploymentStatus === undefined ? {} : { deploymentStatus, outcome, deploymentId };
}

describe('a text that is too long', () => {
  test('is cut at its end, never in the middle of a character, and ends with an ellipsis', () => {
    const { Data } = rendered(request, {
      status: 'SUCCESS',
      attributes: { deploymentStatusMessage: `begin ${'👍'.repeat(5_000)}` },
    });
    expect(Data.deploymentStatusMessage).toMatch(/^begin (👍)+…$/u);
  });

  test('is cut no further than necessary', () => {
    const body = renderResponse(request, {
      status: 'SUCCESS',
      attributes: { deploymentStatusMessage: 'm'.repeat(10_000) },
    });
    expect(Buffer.byteLength(body)).toBeGreaterThan(MAX_RESPONSE_BYTES - 4);
  });

  test('is cut to the same length as other long texts', () => {
    const { Data } = rendered(request, {
      status: 'SUCCESS',
      attributes: { deploymentStatusMessage: 'm'.repeat(10_000), arn: 'a'.repeat(20_000), templateName: 'template' },
    });
    expect(Data.deploymentStatusMessage).toHaveLength((Data.arn as string).length);
    expect(Data.templateName).toBe('template');
  });

  test('is not cut if it fits exactly', () => {
    const empty = Buffer.byteLength(renderResponse(request, { status: 'SUCCESS', attributes: {} }));
    const name = 'n'.repeat(MAX_RESPONSE_BYTES - empty);
    expect(rendered(request, { status: 'SUCCESS', attributes: { name } }).Data.name).toBe(name);
    expect(rendered(request, { status: 'SUCCESS', attributes: { name: `${name}n` } }).Data.name).toMatch(/^n+…$/);
  });

  test.each([
    ['fits exactly', 1_536, 'r'.repeat(1_536)],
    ['is a byte too long', 1_537, `${'r'.repeat(1_533)}…`],
  ])('is cut to no less than 1,536 bytes if it is a reason that %s', (_what, length, sent) => {
    const response = rendered(request, { status: 'FAILED', reason: 'r'.repeat(length), attributes: {} });
    expect(response.Reason).toBe(sent);
  });

  test('leaves room for the link if it is a cause', () => {
    const reason = formatReason('c'.repeat(100_000), ARN);
    expect(reason).toMatch(/^c+…; see https:/);
    expect(reason.length).toBeLessThan(1_400);
    expect(rendered(longest, { status: 'FAILED', reason, attributes: {} }).Reason).toBe(reason);
  });
});

test('the limit is 4096 bytes, as in CloudFormation', () => {
  expect(MAX_RESPONSE_BYTES).toBe(4096);
});
