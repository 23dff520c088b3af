/** Fetching metadata, telling what changed, and when certificates end. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { egress } from '#libs/egress';
import { createIdentityProviderKey, type IdentityProviderKey } from '#libs/saml-idp';
import { certificateExpiry } from './certificate-expiry.js';
import { diffMetadata } from './diff-metadata.js';
import { fetchMetadata } from './fetch-metadata.js';
import { parseMetadata } from './parse-metadata.js';
import { alone, base64Of, type EntityWriting, endpoint, entity } from './signed-metadata.fixture.js';

const now = new Date('2026-03-01T08:00:00.000Z');
let first: IdentityProviderKey;
let second: IdentityProviderKey;
beforeAll(async () => {
  first = await createIdentityProviderKey({ commonName: 'first', now });
  second = await createIdentityProviderKey({ commonName: 'second', now });
});

const write = (differing: EntityWriting = {}) =>
  alone(entity({ keys: [['signing', base64Of(first.certificatePem)]], ...differing }));
const read = (differing?: EntityWriting) => parseMetadata(write(differing), { now });

async function serving<T>(answer: RequestListener, work: (url: string) => Promise<T>): Promise<T> {
  const server = createServer(answer);
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metadata`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

const { fetch } = egress({ allow: ['127.0.0.1'] });
const codeOf = (answer: Promise<unknown>) =>
  answer.then(
    () => 'accepted',
    ({ code }: { code: string }) => code,
  );

describe('fetching metadata', () => {
  it('gives the text, after a redirect too', async () => {
    const answer: RequestListener = ({ url }, response) => {
      if (url === '/metadata') response.writeHead(302, { location: '/now' }).end();
      else response.end(write());
    };
    expect(await serving(answer, (url) => fetchMetadata(url, fetch))).toBe(write());
  });

  it.each<[string, string, RequestListener]>([
    ['an error page', 'metadata-unavailable', (_, response) => void response.writeHead(404).end(write())],
    ['too much', 'metadata-too-large', (_, response) => void response.end('x'.repeat(1_001))],
    ['another encoding', 'metadata-malformed', (_, response) => void response.end(Buffer.from([0x3c, 0xff]))],
    [
      'a redirect to inside',
      'egress-address-refused',
      (_, response) => void response.writeHead(302, { location: 'https://10.0.0.1/' }).end(),
    ],
  ])('refuses %s: %s', async (_, code, answer) => {
    expect(await serving(answer, (url) => codeOf(fetchMetadata(url, fetch, { maxBytes: 1_000 })))).toBe(code);
  });

  it('asks only where the guard permits', async () => {
    const guarded = egress({ allow: [] }).fetch;
    const asked: string[] = [];
    const answer: RequestListener = ({ url }, response) => {
      asked.push(url ?? '');
      response.end(write());
    };
    expect(await serving(answer, (url) => codeOf(fetchMetadata(url, guarded)))).toBe('egress-address-refused');
    expect(asked).toEqual([]);
  });
});

describe('two readings of the same metadata', () => {
  it('do not differ in order, nor in what changes at every publication', async () => {
    const [one, two] = [base64Of(first.certificatePem), base64Of(second.certificatePem)];
    const before = await read({
      keys: [
        ['signing', one],
        ['signing', two],
      ],
      attributes: ' validUntil="2026-04-01T00:00:00Z"',
    });
    const after = await read({
      keys: [
        ['signing', two],
        ['signing', one],
      ],
      attributes: ' validUntil="2026-05-01T00:00:00Z"',
    });
    expect(diffMetadata(before, after)).toEqual([]);
  });

  it('differ in certificates by their fingerprints, and in every address', async () => {
    const after = await read({
      keys: [['signing', base64Of(second.certificatePem)]],
      roleAttributes: ' WantAuthnRequestsSigned="true"',
      endpoints:
        endpoint(
          'SingleLogoutService',
          'HTTP-POST',
          'https://idp.example/slo',
          ' ResponseLocation="https://idp.example/slor"',
        ) + endpoint('SingleSignOnService', 'HTTP-POST', 'https://idp.example/post'),
    });
    const fingerprint = ({ certificatePem }: IdentityProviderKey) => certificateExpiry(certificatePem, now).sha256;
    expect(diffMetadata(await read(), after)).toEqual([
      { fact: 'ssoUrls.redirect', change: 'removed', before: 'https://idp.example/sso', after: null },
      { fact: 'ssoUrls.post', change: 'added', before: null, after: 'https://idp.example/post' },
      {
        fact: 'sloUrls.post',
        change: 'added',
        before: null,
        after: 'https://idp.example/slo (answers: https://idp.example/slor)',
      },
      { fact: 'wantAuthnRequestsSigned', change: 'changed', before: 'false', after: 'true' },
      { fact: 'signingCertificates', change: 'removed', before: fingerprint(first), after: null },
      { fact: 'signingCertificates', change: 'added', before: null, after: fingerprint(second) },
    ]);
  });
});

describe('a certificate', () => {
  it('tells when it ends, in whole days', () => {
    const days = (at: string) => certificateExpiry(first.certificatePem, new Date(at)).daysLeft;
    const { notAfter, sha256 } = certificateExpiry(first.certificatePem, now);
    expect(notAfter).toBe('2036-02-27T08:00:00.000Z');
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect([days('2036-02-26T08:00:00Z'), days('2036-02-26T08:00:01Z'), days('2036-02-27T08:00:01Z')]).toEqual([
      1, 0, -1,
    ]);
  });

  it('is one, or nothing is told', () => {
    expect(() => certificateExpiry('nonsense', now)).toThrow(TypeError);
  });
});
