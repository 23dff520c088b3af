import { ASSERTION_ID, RESPONSE_ID } from './signed-response.fixture.js';

const evilId = (xml: string, id: string) =>
  xml.replace(`ID="${id}"`, `ID="_evil"`).replace('>ada<', '>eve<').replace('crm-admins', 'owners');
const assertionOf = (xml: string) => /<saml:Assertion.*<\/saml:Assertion>/s.exec(xml)?.[0] ?? '';
const signatureOf = (xml: string) => /<ds:Signature.*?<\/ds:Signature>/s.exec(xml)?.[0] ?? '';
const unsigned = (xml: string) => xml.replace(signatureOf(xml), '');
const bare = (xml: string) => xml.replace(/^<\?xml.*?\?>/, '');
const intoSignature = (xml: string, what: string) =>
  xml.replace('</ds:Signature>', `<ds:Object>${what}</ds:Object></ds:Signature>`);
const evil = (xml: string) => evilId(unsigned(assertionOf(xml)), ASSERTION_ID);
const extensions = (xml: string, what: string) =>
  xml.replace('<samlp:Status>', `<samlp:Extensions>${what}</samlp:Extensions><samlp:Status>`);

/**
 * Signature wrapping: the signed element is moved where the signature still finds it, and a forged one (NameID `eve`) takes its place.
 * The eight classical shapes (Somorovsky et al., 2012), and variants: a name, what was signed, and how it is wrapped.
 */
export const WRAPPINGS: readonly (readonly [string, 'response' | 'assertion', (xml: string) => string])[] = [
  [
    "1: the signed Response inside the forged one's signature",
    'response',
    (xml) => intoSignature(evilId(xml, RESPONSE_ID), bare(unsigned(xml))),
  ],
  [
    '2: the signed Response beside its signature in the forged one',
    'response',
    (xml) => evilId(xml, RESPONSE_ID).replace('<ds:Signature', `${bare(unsigned(xml))}<ds:Signature`),
  ],
  [
    '3: the forged assertion before the signed one',
    'assertion',
    (xml) => xml.replace('<saml:Assertion', `${evil(xml)}<saml:Assertion`),
  ],
  [
    '4: the signed assertion inside the forged one',
    'assertion',
    (xml) =>
      xml.replace(assertionOf(xml), evil(xml).replace('</saml:Assertion>', `${assertionOf(xml)}</saml:Assertion>`)),
  ],
  [
    '5: the signed assertion behind, the signature in the forged one',
    'assertion',
    (xml) => xml.replace(assertionOf(xml), evilId(assertionOf(xml), ASSERTION_ID) + unsigned(assertionOf(xml))),
  ],
  [
    '6: the signed assertion inside the signature of the forged one',
    'assertion',
    (xml) =>
      xml.replace(
        assertionOf(xml),
        evilId(assertionOf(xml), ASSERTION_ID).replace(
          '</ds:SignatureValue>',
          `</ds:SignatureValue>${unsigned(assertionOf(xml))}`,
        ),
      ),
  ],
  ['7: the forged assertion in Extensions', 'assertion', (xml) => extensions(xml, evil(xml))],
  [
    "8: the signed assertion in an Object of the forged one's signature",
    'assertion',
    (xml) =>
      xml.replace(assertionOf(xml), intoSignature(evilId(assertionOf(xml), ASSERTION_ID), unsigned(assertionOf(xml)))),
  ],
  [
    'with equal ids, forged first',
    'assertion',
    (xml) => xml.replace('<saml:Assertion', `${evil(xml).replace('_evil', ASSERTION_ID)}<saml:Assertion`),
  ],
  [
    'with equal ids, forged last',
    'assertion',
    (xml) => xml.replace('</samlp:Response>', `${evil(xml).replace('_evil', ASSERTION_ID)}</samlp:Response>`),
  ],
  [
    'with the signed assertion as advice of the forged one',
    'assertion',
    (xml) =>
      xml.replace(
        assertionOf(xml),
        evil(xml).replace('</saml:Conditions>', `</saml:Conditions><saml:Advice>${assertionOf(xml)}</saml:Advice>`),
      ),
  ],
  [
    'with the signature in the forged one and the signed one as its advice',
    'assertion',
    (xml) =>
      xml.replace(
        assertionOf(xml),
        evilId(assertionOf(xml), ASSERTION_ID).replace(
          '</saml:Conditions>',
          `</saml:Conditions><saml:Advice>${unsigned(assertionOf(xml))}</saml:Advice>`,
        ),
      ),
  ],
  [
    'with the signed assertion as key of the forged one',
    'assertion',
    (xml) =>
      xml.replace(
        assertionOf(xml),
        evilId(assertionOf(xml), ASSERTION_ID).replace('</ds:KeyInfo>', `${unsigned(assertionOf(xml))}</ds:KeyInfo>`),
      ),
  ],
  [
    'with the forged assertion as detail of the status',
    'assertion',
    (xml) => xml.replace('</samlp:Status>', `<samlp:StatusDetail>${evil(xml)}</samlp:StatusDetail></samlp:Status>`),
  ],
  [
    'with the signed assertion as detail of the status and the forged one in its place',
    'assertion',
    (xml) =>
      xml
        .replace(assertionOf(xml), evil(xml))
        .replace('</samlp:Status>', `<samlp:StatusDetail>${assertionOf(xml)}</samlp:StatusDetail></samlp:Status>`),
  ],
  [
    'with the signed assertion in an element that nobody knows',
    'assertion',
    (xml) => xml.replace(assertionOf(xml), `${evil(xml)}<x:Box xmlns:x="urn:x">${assertionOf(xml)}</x:Box>`),
  ],
  [
    'with the signed assertion in the subject of the forged one',
    'assertion',
    (xml) => xml.replace(assertionOf(xml), evil(xml).replace('</saml:Subject>', `${assertionOf(xml)}</saml:Subject>`)),
  ],
  [
    'with the signature in both',
    'assertion',
    (xml) => xml.replace(assertionOf(xml), evilId(assertionOf(xml), ASSERTION_ID) + assertionOf(xml)),
  ],
  [
    "with the signed one's id on the forged one as another attribute",
    'assertion',
    (xml) =>
      xml.replace(
        '<saml:Assertion',
        `${evil(xml).replace('ID="_evil"', `ID="_evil" Id="${ASSERTION_ID}"`)}<saml:Assertion`,
      ),
  ],
  [
    'with the id of the signed one as xml:id of the forged one',
    'assertion',
    (xml) =>
      xml.replace(
        assertionOf(xml),
        evilId(assertionOf(xml), ASSERTION_ID).replace('ID="_evil"', `ID="_evil" xml:id="${ASSERTION_ID}"`),
      ),
  ],
  [
    'with the forged assertion in the default namespace',
    'assertion',
    (xml) =>
      xml.replace(
        '<saml:Assertion',
        `${evil(xml).replaceAll('saml:', '').replace('xmlns:saml', 'xmlns')}<saml:Assertion`,
      ),
  ],
  [
    'with the signed Response inside the status of the forged one',
    'response',
    (xml) => evilId(unsigned(bare(xml)), RESPONSE_ID).replace('</samlp:Status>', `${bare(xml)}</samlp:Status>`),
  ],
  [
    'with a second SignedInfo, for the forged one',
    'assertion',
    (xml) =>
      xml.replace(
        assertionOf(xml),
        evilId(assertionOf(xml), ASSERTION_ID).replace(
          /<ds:SignedInfo>.*<\/ds:SignedInfo>/s,
          (info) => info.replace(`#${ASSERTION_ID}`, '#_evil') + info,
        ),
      ),
  ],
];
