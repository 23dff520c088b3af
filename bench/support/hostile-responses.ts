import { buildSamlResponse, type IdentityProviderKey, type SamlResponseSpec } from '#libs/saml-idp';

/** A response that must not be accepted. */
export interface HostileResponse {
  readonly name: string;
  /** Codes of its refusal; several where what refuses it first is of no matter. */
  readonly codes: readonly string[];
  /** Whether a library that only looks at the signature and at the conditions refuses it, too. */
  readonly refusedByEverybody: boolean;
  readonly xml: string;
}

/** What hostile responses start from: an honest one, and the key of somebody whom nobody trusts. */
export interface HostileOrigin {
  readonly honest: SamlResponseSpec;
  readonly stranger: IdentityProviderKey;
}

type Change = (xml: string) => string;

const ASSERTION = /<saml:Assertion.*<\/saml:Assertion>/s;
const SIGNATURE = /<ds:Signature .*?<\/ds:Signature>/s;
/** Attributes and values near the limit of what is looked at at all: as much work as a stranger can cause. */
const MANY_VALUES = 2_000;

const assertionOf = (xml: string) => ASSERTION.exec(xml)?.[0] ?? '';
const unsigned = (xml: string) => xml.replace(SIGNATURE, '');
const anotherPerson: Change = (xml) => xml.replace(/(<saml:NameID[^>]*>)[^<]*/, '$1eve');
const renamed = (xml: string) => anotherPerson(xml.replace(/ ID="[^"]*"/, ' ID="_evil"'));
const intoStatus =
  (what: string): Change =>
  (xml) =>
    xml.replace('<samlp:Status>', `<samlp:Status>${what}`);

/** Somebody changes what the identity provider signed. */
const FORGED: readonly (readonly [string, string, Change])[] = [
  ['another person', 'invalid-signature', anotherPerson],
  ['another audience', 'invalid-signature', (xml) => xml.replace(/(<saml:Audience>)[^<]*/, '$1https://other.example')],
  [
    'another person behind 200 kB of nothing',
    'invalid-signature',
    (xml) => intoStatus(`<a>${' '.repeat(200_000)}</a>`)(anotherPerson(xml)),
  ],
  ['the signature taken away', 'invalid-signature', unsigned],
  ['a signature value of zeros', 'invalid-signature', (xml) => xml.replace(/(SignatureValue>)[^<]*/, '$1AAAA')],
  [
    'a forged assertion before the signed one',
    'hostile-xml',
    (xml) => xml.replace(ASSERTION, (signed) => renamed(unsigned(signed)) + signed),
  ],
  [
    'a forged assertion around the signed one',
    'hostile-xml',
    (xml) =>
      xml.replace(ASSERTION, (signed) =>
        renamed(unsigned(signed)).replace('</saml:Assertion>', `${signed}</saml:Assertion>`),
      ),
  ],
  [
    'a forged assertion around the signed one as its advice',
    'invalid-signature',
    (xml) =>
      xml.replace(ASSERTION, (signed) =>
        renamed(unsigned(signed)).replace(
          '</saml:Conditions>',
          `</saml:Conditions><saml:Advice>${signed}</saml:Advice>`,
        ),
      ),
  ],
  [
    'SHA-1',
    'unsupported-algorithm',
    (xml) =>
      xml.replace('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'http://www.w3.org/2000/09/xmldsig#rsa-sha1'),
  ],
];

/** Only a look at the document itself tells; libraries accept some of these. */
const CONFUSING: readonly (readonly [string, string, Change])[] = [
  ['a comment inside the NameID', 'hostile-xml', (xml) => xml.replace(/(<saml:NameID[^>]*>..)/, '$1<!-- -->')],
  [
    'a processing instruction inside the NameID',
    'hostile-xml',
    (xml) => xml.replace(/(<saml:NameID[^>]*>.)(.)/, '$1<?x $2?>'),
  ],
  [
    'a DOCTYPE with entities of entities',
    'hostile-xml',
    (xml) =>
      `<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>${xml.replace(/^<\?xml.*?\?>/, '')}`,
  ],
  [
    'two elements with one id',
    'hostile-xml',
    (xml) => xml.replace('<samlp:Status>', `<samlp:Status ID="${/ ID="([^"]*)"/.exec(assertionOf(xml))?.[1]}">`),
  ],
  ['20,000 empty elements', 'hostile-xml', intoStatus('<a/>'.repeat(20_000))],
  ['10,000 levels', 'hostile-xml', intoStatus('<a>'.repeat(10_000) + '</a>'.repeat(10_000))],
  [
    '5,000 attributes on one element',
    'hostile-xml',
    intoStatus(`<a ${Array.from({ length: 5_000 }, (_, n) => `a${n}=""`).join(' ')}/>`),
  ],
];

/** The identity provider itself says it, or somebody with a key of their own. */
function said({ honest, stranger }: HostileOrigin): readonly (readonly [string, string, Partial<SamlResponseSpec>])[] {
  const values = Array.from({ length: MANY_VALUES }, (_, n) => `cn=group-${n},ou=groups`);
  const long = new Date(honest.now.getTime() - 3_600_000);
  return [
    ["a stranger's key", 'invalid-signature', { key: stranger }],
    [
      "a stranger's key under 2,000 values",
      'invalid-signature',
      { key: stranger, attributes: [{ name: 'groups', values }] },
    ],
    ['an assertion for somebody else', 'wrong-audience', { audience: 'https://other.example' }],
    ['an assertion that is over', 'expired', { now: long }],
  ];
}

/** Hostile responses of every kind, for one request of one browser. Each costs another part of the verification. */
export function hostileResponses(origin: HostileOrigin): readonly HostileResponse[] {
  const honest = buildSamlResponse(origin.honest);
  const changed =
    (refusedByEverybody: boolean) =>
    ([name, code, change]: (typeof FORGED)[number]): HostileResponse => ({
      name,
      codes: [code],
      refusedByEverybody,
      xml: change(honest),
    });
  const spoken = said(origin).map(([name, code, difference]) => ({
    name,
    codes: [code],
    refusedByEverybody: true,
    xml: buildSamlResponse({ ...origin.honest, ...difference }),
  }));
  return [...FORGED.map(changed(true)), ...CONFUSING.map(changed(false)), ...spoken];
}
