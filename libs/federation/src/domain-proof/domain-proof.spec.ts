/** Who owns a domain. Method: a resolver of the test; no name server is asked. */
import { domainChallenge } from './domain-challenge.js';
import { DomainNameError } from './domain-name.js';
import { DOMAIN_PROOF_TIMEOUT_MS, proveDomain, type ResolveTxt, TXT_RECORDS_MAX } from './prove-domain.js';

const KEY = Buffer.alloc(32, 7);
const challenge = domainChallenge('acme', 'acme.example', KEY);
const answering =
  (...records: string[][]): ResolveTxt =>
  async () =>
    records;
const failing =
  (code: string): ResolveTxt =>
  () =>
    Promise.reject(Object.assign(new Error(code), { code }));
const prove = async (resolveTxt: ResolveTxt, domain = 'acme.example') =>
  (await proveDomain(domain, challenge.recordValue, resolveTxt)).result;

describe('the challenge of a domain', () => {
  it('names a record of its own and a value that anyone may see', () => {
    expect(challenge.recordName).toBe('_gatebook-challenge.acme.example');
    expect(challenge.recordValue).toMatch(/^gatebook-domain-verification=[0-9a-f]{64}$/);
  });

  it('is the same for the same tenant, domain and key, in every spelling of the domain', () => {
    for (const spelling of ['acme.example', 'ACME.Example', ' acme.example. '])
      expect(domainChallenge('acme', spelling, KEY)).toEqual(challenge);
    expect(domainChallenge('acme', 'Bücher.example', KEY)).toEqual(
      domainChallenge('acme', 'xn--bcher-kva.example', KEY),
    );
  });

  it('is another one for another tenant, domain or key', () => {
    const others = [
      domainChallenge('globex', 'acme.example', KEY),
      domainChallenge('acme', 'globex.example', KEY),
      domainChallenge('acme', 'acme.example', Buffer.alloc(32, 8)),
    ];
    expect(new Set([challenge, ...others].map(({ recordValue }) => recordValue)).size).toBe(4);
  });

  it.each([
    '',
    'example',
    '127.0.0.1',
    '0x7f.1',
    '[::1]',
    'acme example',
    'acme..example',
    '-acme.example',
    'acme.example/x',
    'a@acme.example',
    '_dmarc.acme.example',
    '*.acme.example',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(120)}example`,
  ])('does not exist for what is no domain: "%s"', (domain) => {
    expect(() => domainChallenge('acme', domain, KEY)).toThrow(DomainNameError);
  });
});

describe('a domain', () => {
  it('is proven by the record, alone or among others, in one piece or in several', async () => {
    const { recordValue } = challenge;
    expect(await prove(answering([recordValue]))).toBe('proven');
    expect(await prove(answering(['v=spf1 -all'], [recordValue.slice(0, 20), recordValue.slice(20)]))).toBe('proven');
  });

  it('is asked for at its own name, whatever its spelling', async () => {
    const asked: string[] = [];
    const resolve: ResolveTxt = async (name) => {
      asked.push(name);
      return [];
    };
    await prove(resolve, 'ACME.example.');
    expect(asked).toEqual(['_gatebook-challenge.acme.example']);
  });

  it.each<[string, ResolveTxt]>([
    ['there is no such name', failing('ENOTFOUND')],
    ['the name has no TXT record', failing('ENODATA')],
    ['the answer is empty', answering()],
    ["the record is another tenant's", answering([domainChallenge('globex', 'acme.example', KEY).recordValue])],
    ['the record only holds the value', answering([`x${challenge.recordValue}`], [`${challenge.recordValue}x`])],
    [
      'the value is spread over two records',
      answering([challenge.recordValue.slice(0, 20)], [challenge.recordValue.slice(20)]),
    ],
    ['the record is in upper case', answering([challenge.recordValue.toUpperCase()])],
  ])('is not proven when %s', async (_, resolve) => expect(await prove(resolve)).toBe('missing'));

  it.each<[string, ResolveTxt]>([
    ['the name server refuses', failing('EREFUSED')],
    ['the name server does not answer', failing('ETIMEOUT')],
    ['the resolver breaks', failing('')],
    [
      'the answer has too many records',
      answering(...Array.from({ length: TXT_RECORDS_MAX + 1 }, () => [challenge.recordValue])),
    ],
  ])('stays unknown when %s', async (_, resolve) => expect(await prove(resolve)).toBe('failed'));

  it('stays unknown when nothing answers in time', async () => {
    jest.useFakeTimers();
    const proof = prove(() => new Promise(() => {}));
    await jest.advanceTimersByTimeAsync(DOMAIN_PROOF_TIMEOUT_MS);
    jest.useRealTimers();
    expect(await proof).toBe('failed');
  });

  it('gets a reason that says what to do and quotes no foreign record', async () => {
    const { reason } = await proveDomain('acme.example', challenge.recordValue, answering(['other-secret=1']));
    expect(reason).toContain('_gatebook-challenge.acme.example');
    expect(reason).not.toContain('other-secret');
  });
});
