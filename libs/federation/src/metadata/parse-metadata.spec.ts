/** What an identity provider's metadata says, and which documents are refused. Signatures have a spec of their own. */
import { buildIdentityProviderMetadata, createIdentityProviderKey, type IdentityProviderKey } from '#libs/saml-idp';
import type { MetadataErrorCode } from './metadata.errors.js';
import { AGGREGATE_BYTES_MAX, ENTITY_CHARACTERS_MAX } from './metadata-limits.js';
import { type ParseMetadataOptions, parseMetadata } from './parse-metadata.js';
import { aggregate, alone, base64Of, type EntityWriting, endpoint, entity } from './signed-metadata.fixture.js';

const now = new Date('2026-03-01T08:00:00.000Z');
let first: IdentityProviderKey;
let second: IdentityProviderKey;
beforeAll(async () => {
  first = await createIdentityProviderKey({ commonName: 'first', now });
  second = await createIdentityProviderKey({ commonName: 'second', now });
});

const keys = (): EntityWriting => ({ keys: [['signing', base64Of(first.certificatePem)]] });
const usual = (differing: EntityWriting = {}) => alone(entity({ ...keys(), ...differing }));
const read = (xml: string, options: Partial<ParseMetadataOptions> = {}) => parseMetadata(xml, { now, ...options });
const refusedAs = (code: MetadataErrorCode) => expect.objectContaining({ code });
const refusal = (xml: string, options: Partial<ParseMetadataOptions> = {}) =>
  read(xml, options).then(
    () => 'accepted',
    (error: unknown) => error,
  );

describe('metadata of one identity provider', () => {
  it('tells who it is and where to ask', async () => {
    expect(await read(usual())).toEqual({
      entityId: 'https://idp.example/metadata',
      ssoUrls: { redirect: 'https://idp.example/sso', post: null },
      sloUrls: { redirect: null, post: null },
      signingCertificates: [first.certificatePem],
      encryptionCertificates: [],
      wantAuthnRequestsSigned: false,
      nameIdFormats: ['urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'],
      validUntil: null,
      cacheDurationMs: null,
    });
  });

  it('is read as the demo identity provider publishes it', async () => {
    const description = {
      entityId: 'urn:demo',
      ssoUrl: 'http://127.0.0.1:1/sso?a=1&b=2',
      certificatePem: first.certificatePem,
    };
    expect(await read(buildIdentityProviderMetadata(description))).toMatchObject({
      entityId: 'urn:demo',
      ssoUrls: { redirect: 'http://127.0.0.1:1/sso?a=1&b=2' },
      signingCertificates: [first.certificatePem],
    });
  });

  it('names an address per binding, the first of each, and passes over bindings that are not used', async () => {
    const endpoints = [
      endpoint('SingleLogoutService', 'SOAP', 'https://idp.example/soap'),
      endpoint(
        'SingleLogoutService',
        'HTTP-POST',
        'https://idp.example/slo',
        ' ResponseLocation="https://idp.example/slo-answer"',
      ),
      endpoint('SingleSignOnService', 'HTTP-POST', 'https://idp.example/sso/post'),
      endpoint('SingleSignOnService', 'HTTP-POST', 'https://idp.example/sso/other'),
    ].join('');
    expect(await read(usual({ endpoints }))).toMatchObject({
      ssoUrls: { redirect: null, post: 'https://idp.example/sso/post' },
      sloUrls: {
        redirect: null,
        post: { url: 'https://idp.example/slo', responseUrl: 'https://idp.example/slo-answer' },
      },
    });
  });

  it('gives every certificate of a rollover, once, and one without a use for both', async () => {
    const [one, two] = [base64Of(first.certificatePem), base64Of(second.certificatePem)];
    const { signingCertificates, encryptionCertificates } = await read(
      usual({
        keys: [
          ['signing', one],
          ['signing', one.match(/.{1,76}/g)?.join('\r\n') ?? ''],
          [null, two],
        ],
      }),
    );
    expect(signingCertificates).toEqual([first.certificatePem, second.certificatePem]);
    expect(encryptionCertificates).toEqual([second.certificatePem]);
  });

  it.each([
    ['true', true],
    ['1', true],
    ['false', false],
  ])('says WantAuthnRequestsSigned="%s"', async (written, meant) => {
    const xml = usual({ roleAttributes: ` WantAuthnRequestsSigned="${written}"` });
    expect((await read(xml)).wantAuthnRequestsSigned).toBe(meant);
  });

  it('may begin with a byte order mark and a declaration, and hold comments, as Shibboleth writes them', async () => {
    const commented = usual()
      .replace('<md:IDPSSODescriptor', '<!-- <md:EntityDescriptor entityID="x"/> \'"<?> -->\n<md:IDPSSODescriptor')
      .replace('MII', 'M<!-- -->II');
    expect(await read(`\ufeff<?xml version="1.0" encoding="UTF-8"?>\r\n<!-- top -->\n${commented}<!---->`)).toEqual(
      await read(usual()),
    );
  });
});

describe('a term', () => {
  it('that has passed makes metadata unusable, to the moment, wherever it is stated', async () => {
    const until = (instant: string) => ` validUntil="${instant}"`;
    for (const place of ['attributes', 'roleAttributes'] as const) {
      const past = await refusal(usual({ [place]: until('2026-03-01T08:00:00Z') }));
      expect(past).toEqual(refusedAs('metadata-expired'));
      const { validUntil } = await read(usual({ [place]: until('2026-03-01T09:00:00.001+01:00') }));
      expect(validUntil).toBe('2026-03-01T08:00:00.001Z');
    }
    const group = aggregate([entity(keys())], until('2026-02-28T00:00:00Z'));
    expect(await refusal(group, { expectedEntityId: 'https://idp.example/metadata' })).toEqual(
      refusedAs('metadata-expired'),
    );
  });

  it('that cannot be read is not taken for none', async () => {
    for (const text of ['soon', '2030-01-01T00:00:00', ''])
      expect(await refusal(usual({ attributes: ` validUntil="${text}"` }))).toEqual(refusedAs('metadata-malformed'));
  });

  it.each([
    ['PT1H', 3_600_000],
    ['P1DT2H3M4.5S', 93_784_000],
    ['P1M', 2_592_000_000],
    ['a while', null],
  ])('of the cache is advice: %s', async (written, ms) => {
    expect((await read(usual({ attributes: ` cacheDuration="${written}"` }))).cacheDurationMs).toBe(ms);
  });
});

describe("a federation's aggregate", () => {
  const others = Array.from({ length: 20 }, (_, n) => entity({ entityId: `https://other${n}.example` }));
  const ours = () => entity({ ...keys(), entityId: 'https://idp.example/metadata' });
  const expectedEntityId = 'https://idp.example/metadata';

  it('is read for the one entity that is meant, also from a group within', async () => {
    const inner = aggregate([...others, ours()]).replace(' ID="_1"', ' ID="_2" cacheDuration="PT2H"');
    const xml = aggregate([...others, inner], ' validUntil="2026-04-01T00:00:00Z" cacheDuration="PT6H"');
    expect(await read(xml, { expectedEntityId })).toMatchObject({
      entityId: expectedEntityId,
      signingCertificates: [first.certificatePem],
      validUntil: '2026-04-01T00:00:00.000Z',
      cacheDurationMs: 7_200_000,
    });
  });

  it('needs to be told whom to look for, and holds nobody else', async () => {
    expect(await refusal(aggregate([ours()]))).toEqual(refusedAs('metadata-entity-missing'));
    for (const entityId of [
      'https://stranger.example',
      'https://idp.example/metadata/',
      'HTTPS://idp.example/metadata',
    ])
      expect(await refusal(aggregate([ours()]), { expectedEntityId: entityId })).toEqual(
        refusedAs('metadata-entity-missing'),
      );
  });

  it('with two descriptions of the same entity is refused', async () => {
    expect(await refusal(aggregate([ours(), ours()]), { expectedEntityId })).toEqual(refusedAs('metadata-malformed'));
  });

  it('does not listen to a description hidden in an extension', async () => {
    const hidden = `<md:Extensions>${ours()}</md:Extensions>`;
    expect(await refusal(aggregate([hidden, ...others]), { expectedEntityId })).toEqual(
      refusedAs('metadata-entity-missing'),
    );
    const inside = aggregate([entity({ entityId: 'https://other.example', before: hidden })]);
    expect(await refusal(inside, { expectedEntityId })).toEqual(refusedAs('metadata-entity-missing'));
  });

  it('of several megabytes leaves others their turn', async () => {
    const padding = base64Of(second.certificatePem);
    const many = Array.from({ length: 4_000 }, (_, n) =>
      entity({ entityId: `https://other${n}.example`, keys: [['signing', padding]] }),
    );
    const xml = aggregate([...many, ours()]);
    expect(xml.length).toBeGreaterThan(6_000_000);
    let turns = 0;
    const counting = setInterval(() => (turns += 1), 1);
    const { entityId } = await read(xml, { expectedEntityId });
    clearInterval(counting);
    expect(entityId).toBe(expectedEntityId);
    expect(turns).toBeGreaterThan(20);
  });
});

describe('a document that is refused', () => {
  it.each<[string, MetadataErrorCode, (xml: string) => string]>([
    ['a DOCTYPE', 'metadata-hostile', (xml) => `<!DOCTYPE a>${xml}`],
    ['entities', 'metadata-hostile', (xml) => `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>${xml}`],
    ['an entity without a DOCTYPE', 'metadata-malformed', (xml) => xml.replace('MII', '&b;MII')],
    ['an entity of HTML', 'metadata-malformed', (xml) => xml.replace('/sso', '/&nbsp;sso')],
    ['a processing instruction', 'metadata-hostile', (xml) => xml.replace('<md:IDP', '<?x y?><md:IDP')],
    ['CDATA', 'metadata-hostile', (xml) => xml.replace('<md:IDP', '<![CDATA[x]]><md:IDP')],
    ['another encoding', 'metadata-malformed', (xml) => `<?xml version="1.0" encoding="UTF-16"?>${xml}`],
    ['an open comment', 'metadata-malformed', (xml) => `${xml}<!-- `],
    ['a comment with two hyphens', 'metadata-malformed', (xml) => `<!-- a -- b -->${xml}`],
    [
      'a comment in a tag',
      'metadata-malformed',
      (xml) => xml.replace('<md:IDPSSODescriptor', '<md:IDPSSODescriptor <!-- --> '),
    ],
    ['an open element', 'metadata-malformed', (xml) => xml.replace('</md:EntityDescriptor>', '')],
    ['two roots', 'metadata-malformed', (xml) => `${xml}<a/>`],
    ['text behind the root', 'metadata-malformed', (xml) => `${xml}a`],
    ['a tag in an attribute', 'metadata-malformed', (xml) => xml.replace('entityID="', 'entityID="<')],
    [
      'an undeclared prefix',
      'metadata-malformed',
      (xml) => xml.replace('<md:IDPSSODescriptor', '<md:Extensions><x:a/></md:Extensions><md:IDPSSODescriptor'),
    ],
    [
      'a prefix for the namespace of XML',
      'metadata-malformed',
      (xml) => xml.replace(' ID=', ' xmlns:x="http://www.w3.org/XML/1998/namespace" ID='),
    ],
    [
      '41 levels',
      'metadata-hostile',
      (xml) => xml.replace('<md:IDP', `${'<a>'.repeat(40)}${'</a>'.repeat(40)}<md:IDP`),
    ],
    [
      'many attributes',
      'metadata-hostile',
      (xml) => xml.replace(' ID=', ` ${Array.from({ length: 65 }, (_, n) => `a${n}=""`).join(' ')} ID=`),
    ],
    ['many elements', 'metadata-too-large', (xml) => xml.replace('<md:IDP', `${'<a/>'.repeat(5_000)}<md:IDP`)],
    ['more text than one entity has', 'metadata-too-large', (xml) => xml.padEnd(ENTITY_CHARACTERS_MAX + 1)],
    [
      'more bytes than an aggregate has',
      'metadata-too-large',
      (xml) => xml.padEnd(AGGREGATE_BYTES_MAX / 2 + 1_000, 'üü'),
    ],
    ['nothing', 'metadata-malformed', () => ''],
    ['a page', 'metadata-malformed', () => '<html><body>Sign in</body></html>'],
    ['another namespace', 'metadata-malformed', (xml) => xml.replace(':metadata"', ':metadatb"')],
    ['no SAML 2.0', 'metadata-malformed', (xml) => xml.replace('SAML:2.0:protocol', 'SAML:2.1:protocol')],
    ['a service provider', 'metadata-malformed', (xml) => xml.replaceAll('IDPSSODescriptor', 'SPSSODescriptor')],
    ['two roles', 'metadata-malformed', (xml) => xml.replace(/(<md:IDPSSO.*<\/md:IDPSSODescriptor>)/s, '$1$1')],
    ['no address', 'metadata-malformed', (xml) => xml.replace(/<md:SingleSignOn[^>]*>/, '')],
    ['no certificate', 'metadata-malformed', (xml) => xml.replace(/<md:KeyDescriptor.*<\/md:KeyDescriptor>/s, '')],
    ['a damaged certificate', 'metadata-malformed', (xml) => xml.replace('MII', 'AII')],
    [
      'a script as address',
      'metadata-malformed',
      (xml) => xml.replace('https://idp.example/sso', 'javascript:alert(1)'),
    ],
    ['a relative address', 'metadata-malformed', (xml) => xml.replace('https://idp.example/sso', '/sso')],
    ['an address with a line end', 'metadata-malformed', (xml) => xml.replace('/sso', '/sso&#10;x')],
    ['no entity id', 'metadata-malformed', (xml) => xml.replace('entityID="https://idp.example/metadata"', '')],
    ['an entity id with a NUL', 'metadata-malformed', (xml) => xml.replace('/metadata"', '/&#0;metadata"')],
  ])('%s: %s', async (_, code, forge) => {
    expect(await refusal(usual())).toBe('accepted');
    expect(await refusal(forge(usual()))).toEqual(refusedAs(code));
  });

  it('with names that mean something to JavaScript is read as if they meant nothing', async () => {
    const xml = usual({ attributes: ' __proto__="x" constructor="y"' }).replace(
      '<md:IDP',
      '<__proto__ xmlns="u"/><md:IDP',
    );
    expect(await read(xml)).toEqual(await read(usual()));
  });

  it('for another entity than the expected one says so', async () => {
    expect(await refusal(usual(), { expectedEntityId: 'https://other.example' })).toEqual(
      refusedAs('metadata-entity-missing'),
    );
    expect(await refusal(usual(), { expectedEntityId: 'https://idp.example/metadata' })).toBe('accepted');
  });

  it.each<[string, (xml: string) => string]>([
    [
      '100,000 attributes',
      (xml) => xml.replace(' ID=', ` ${Array.from({ length: 100_000 }, (_, n) => `a${n}=""`).join(' ')} ID=`),
    ],
    ['100,000 levels', (xml) => `${'<a>'.repeat(100_000)}${xml}`],
    ['100,000 comments', (xml) => `${'<!---->'.repeat(70_000)}<!`.concat(xml)],
    ['blanks', (xml) => xml.replace('https://idp.example/sso', `${' '.repeat(400_000)}x`)],
  ])('costs little: %s', async (_, forge) => {
    const xml = forge(usual());
    await refusal(xml);
    const before = process.cpuUsage();
    expect(await refusal(xml)).not.toBe('accepted');
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(500);
  });
});
