/** Attributes as identity providers really send them, and as attackers would like them read. */
import { claimText } from './attributes.js';
import { claimsOf } from './claims.js';
import type { SamlRefusalCode } from './saml-refused.error.js';
import { IdentityProviderFixture, type Writing } from './signed-response.fixture.js';
import { verifyResponse } from './verification.js';
import type { VerifiedAssertion } from './verified-assertion.js';

let idp: IdentityProviderFixture;
beforeAll(async () => {
  idp = await IdentityProviderFixture.create();
});

const verify = (writing: Writing) => verifyResponse(idp.job(idp.write(writing)));
const withStatement = (statement: string): Writing => ({
  say: (xml) =>
    xml.replace(
      /<saml:AttributeStatement>.*<\/saml:AttributeStatement>/s,
      `<saml:AttributeStatement>${statement}</saml:AttributeStatement>`,
    ),
});
const attribute = (name: string, ...values: string[]) =>
  `<saml:Attribute Name="${name}">${values.map((value) => `<saml:AttributeValue>${value}</saml:AttributeValue>`).join('')}</saml:Attribute>`;

async function read(writing: Writing): Promise<VerifiedAssertion> {
  const outcome = await verify(writing);
  if (outcome.kind !== 'verified') throw new Error(outcome.refusal.code);
  return outcome.assertion;
}

describe('attributes', () => {
  it('with the same Name are one, in the order sent', async () => {
    const { attributes } = await read(
      withStatement(attribute('Role', 'a') + attribute('x', '1') + attribute('Role', 'b', 'c')),
    );
    expect([...attributes]).toEqual([
      ['Role', ['a', 'b', 'c']],
      ['x', ['1']],
    ]);
  });

  it('are trimmed; empty and nil values do not count, the attribute does', async () => {
    const nil =
      '<saml:Attribute Name="nil"><saml:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/></saml:Attribute>';
    const { attributes } = await read(
      withStatement(`${attribute('padded', '\n  Max \t', '   ')}${attribute('none')}${attribute('empty', '')}${nil}`),
    );
    expect(Object.fromEntries(attributes)).toEqual({ padded: ['Max'], none: [], empty: [], nil: [] });
  });

  it('keep every character of XML, tabs and line ends inside included', async () => {
    const { attributes } = await read(
      withStatement(attribute('a', '&lt;b&gt; &amp; &quot;c&quot; &#x1F600;', 'one\n\ttwo&#13;\nthree')),
    );
    expect(attributes.get('a')).toEqual(['<b> & "c" \u{1F600}', 'one\n\ttwo\r\nthree']);
  });

  it('are ordinary whatever their name', async () => {
    const names = ['__proto__', 'constructor', 'hasOwnProperty', 'toString'];
    const { attributes } = await read(withStatement(names.map((name) => attribute(name, 'admin')).join('')));
    expect([...attributes]).toEqual(names.map((name) => [name, ['admin']]));
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });

  it('with structured values are unknown, except a NameID, which stands for its text', async () => {
    const targetedId = attribute('id', '<saml:NameID> t-1 </saml:NameID>');
    const { attributes } = await read(
      withStatement(targetedId + attribute('groups', '<g>a</g>', 'b') + attribute('ok', 'x')),
    );
    expect(Object.fromEntries(attributes)).toEqual({ id: ['t-1'], ok: ['x'] });
  });

  it.each<[string, SamlRefusalCode, string]>([
    ['NUL', 'malformed-claim', attribute('a', 'b&#0;c')],
    ['a control character', 'malformed-claim', attribute('a', 'b&#27;c')],
    ['what is no character', 'malformed-claim', attribute('a', 'b&#xFFFF;c')],
    ['a control character in a name', 'malformed-claim', attribute('a&#1;', 'b')],
    ['a value over 8 kB', 'malformed-claim', attribute('a', 'b'.repeat(8193))],
    ['a value over 8 kB in bytes', 'malformed-claim', attribute('a', 'ä'.repeat(4097))],
    ['a name over 1 kB', 'malformed-claim', attribute('a'.repeat(1025), 'b')],
    ['no name', 'malformed-claim', '<saml:Attribute/>'],
    ['201 attributes', 'malformed-claim', Array.from({ length: 201 }, (_, n) => attribute(`a${n}`, 'b')).join('')],
    ['5,001 values', 'malformed-claim', attribute('a', ...Array.from({ length: 5_001 }, () => 'b'))],
  ])('with %s are refused', async (_, code, statement) => {
    const outcome = await verify({ ...withStatement(statement), sign: 'response' });
    expect(outcome).toMatchObject({ kind: 'refused', refusal: { code } });
  });

  it('with half a surrogate pair are refused: it has the digest of U+FFFD, so a signature does not notice', async () => {
    const forge = (xml: string) => xml.replace('b\ufffdc', 'b&#xD800;c');
    expect(await verify(withStatement(attribute('a', 'b\ufffdc')))).toMatchObject({ kind: 'verified' });
    expect(await verify({ ...withStatement(attribute('a', 'b\ufffdc')), forge })).toMatchObject({ kind: 'refused' });
    expect(() => claimText('b\ud800c', 100)).toThrow(expect.objectContaining({ code: 'malformed-claim' }));
  });

  it('fit up to the limits', async () => {
    const { attributes } = await read(
      withStatement(
        attribute('a'.repeat(1024), 'b'.repeat(8192)) +
          Array.from({ length: 199 }, (_, n) => attribute(`a${n}`, 'b')).join(''),
      ),
    );
    expect(attributes.size).toBe(200);
  });
});

it('a no-break space is part of a value and of a NameID', async () => {
  const { attributes } = await read(withStatement(attribute('a', ' \u00a0b ')));
  expect(attributes.get('a')).toEqual(['\u00a0b']);
  expect(await read({ spec: { nameId: { value: 'ada\u00a0' } } })).toMatchObject({ nameId: { value: 'ada\u00a0' } });
});

describe('5,000 groups', () => {
  const groups = (prefix: string) => ({
    spec: { attributes: [{ name: 'groups', values: Array.from({ length: 5_000 }, (_, n) => `${prefix}${n}`) }] },
  });

  it('are refused as too large when their names are as long as real ones', async () => {
    expect(await verify(groups('cn=engineering-team-'))).toMatchObject({ refusal: { code: 'too-large' } });
  });

  it('are accepted when the response fits into its limit', async () => {
    const short = { say: (xml: string) => xml.replace(/saml:AttributeValue/g, 'saml:AttributeValue') };
    const xml = idp.write({
      ...short,
      ...withStatement(''),
      say: (text) => text.replace(/<saml:AttributeStatement>.*<\/saml:AttributeStatement>/s, shortStatement()),
    });
    expect(Buffer.byteLength(xml)).toBeLessThan(256 * 1024);
    const outcome = await verifyResponse(idp.job(xml));
    expect(outcome.kind === 'verified' && outcome.assertion.attributes.get('groups')).toHaveLength(5_000);
  });

  const shortStatement = () =>
    `<AttributeStatement xmlns="urn:oasis:names:tc:SAML:2.0:assertion"><Attribute Name="groups">${Array.from({ length: 5_000 }, (_, n) => `<AttributeValue>${n}</AttributeValue>`).join('')}</Attribute></AttributeStatement>`;
});

describe('claims for mapping', () => {
  const assertion = {
    nameId: { value: 'ada', format: null },
    friendlyNames: new Map([
      ['mail', 'urn:oid:0.9'],
      ['email', 'other'],
    ]),
    attributes: new Map([
      ['urn:oid:0.9', ['a@b']],
      ['email', ['c@d']],
      ['other', ['e@f']],
      ['nameId', ['eve']],
    ]),
  };

  it('are found by Name, then by FriendlyName; nameId is the subject', () => {
    const claims = claimsOf(assertion as unknown as VerifiedAssertion);
    expect(claims.get('mail')).toEqual(['a@b']);
    expect(claims.get('email')).toEqual(['c@d']);
    expect(claims.get('nameId')).toEqual(['ada']);
    expect(claims.get('absent')).toBeUndefined();
  });

  it('carry the FriendlyName of the document', async () => {
    const { friendlyNames } = await read(
      withStatement(
        '<saml:Attribute Name="urn:oid:0.9" FriendlyName="mail"><saml:AttributeValue>a@b</saml:AttributeValue></saml:Attribute>',
      ),
    );
    expect([...friendlyNames]).toEqual([['mail', 'urn:oid:0.9']]);
  });
});
