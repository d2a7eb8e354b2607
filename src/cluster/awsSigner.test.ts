// Signatures against the published test suite of AWS: github.com/awslabs/aws-c-auth, tests/aws-signing-test-suite/v4.
import { SignatureV4 } from '@smithy/signature-v4';
import { expect, it } from 'vitest';
import { AwsSigner, NodeSha256, type Signable } from './awsSigner.js';

const TOKEN =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==';

/** @returns the header Authorization of the request, at the time and with the keys of the test suite */
async function authorizationOf(
  request: Partial<Signable>,
  {
    checksum = false,
    sessionToken,
    service = 'service',
  }: { checksum?: boolean; sessionToken?: string; service?: string } = {},
): Promise<string> {
  const signature = new SignatureV4({
    service,
    region: 'us-east-1',
    credentials: {
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
      ...(sessionToken === undefined ? {} : { sessionToken }),
    },
    sha256: NodeSha256,
    applyChecksum: checksum,
  });
  const signingDate = new Date('2015-08-30T12:36:00Z');
  const signer = new AwsSigner({ sign: (one) => signature.sign(one, { signingDate }) });
  const headers = await signer.sign({
    method: 'GET',
    origin: 'https://example.amazonaws.com',
    path: '/',
    headers: {},
    body: null,
    ...request,
  });
  return headers['authorization'] ?? '';
}

const SCOPE = 'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request';

it.each<[string, Partial<Signable>, Parameters<typeof authorizationOf>[1], string]>([
  [
    'get-vanilla',
    {},
    {},
    'SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  ],
  [
    'get-vanilla-query-order-key-case',
    { path: '/?Param2=value2&Param1=value1' },
    {},
    'SignedHeaders=host;x-amz-date, Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
  [
    'post-x-www-form-urlencoded',
    {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '13' },
      body: 'Param1=value1',
    },
    { checksum: true },
    'SignedHeaders=content-length;content-type;host;x-amz-content-sha256;x-amz-date, Signature=d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b',
  ],
  [
    'post-sts-header-before',
    { method: 'POST' },
    { sessionToken: TOKEN },
    'SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
  ],
])('%s of the test suite of AWS', async (_, request, how, expected) => {
  expect(await authorizationOf(request, how)).toBe(`${SCOPE}, ${expected}`);
});

it('the service is a part of what is signed, and a port a part of the host', async () => {
  const scope = 'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/aoss/aws4_request';
  expect(await authorizationOf({}, { service: 'aoss' })).toContain(scope);
  const [one, other] = await Promise.all(
    ['https://example.amazonaws.com:9200', 'https://example.amazonaws.com'].map((origin) =>
      authorizationOf({ origin }),
    ),
  );
  expect(one).not.toBe(other);
});
