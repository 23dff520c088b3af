/**
 * A second verifier of SAML responses, for tests only: written apart from the first, on another parser (xmldom where the first reads
 * with sax), without node-saml and without xml-crypto's signature check; they share the canonicaliser alone. It shares no code with what
 * it judges. Where the two disagree on a document, one of them is wrong, or the case is written down with its reason.
 */
import { constants, createHash, verify, X509Certificate } from 'node:crypto';
import { ExclusiveCanonicalization } from 'xml-crypto';
import type { VerificationJob } from './verification.js';

/** What it makes of a response. Of plain ones only: it cannot decrypt. */
export type LeanVerdict =
  | {
      readonly verified: true;
      readonly assertionId: string;
      readonly nameId: string;
      readonly attributes: Readonly<Record<string, readonly string[]>>;
    }
  | { readonly verified: false; readonly why: string };

/** xmldom's parser, which only tests may load. */
export type DomParser = new (options: {
  errorHandler: Record<'warning' | 'error' | 'fatalError', (why: string) => void>;
}) => { parseFromString(text: string, type: string): unknown };
type Parse = (text: string) => Element;

const SAML = 'urn:oasis:names:tc:SAML:2.0:assertion';
const SAMLP = 'urn:oasis:names:tc:SAML:2.0:protocol';
const DS = 'http://www.w3.org/2000/09/xmldsig#';
const EXC_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const BYTES_MAX = 256 * 1024;

class No extends Error {}

function must(condition: unknown, why: string): asserts condition {
  if (!condition) throw new No(why);
}

/** Judges one response as a sign-in would. Never throws. */
export function verifyLean(job: VerificationJob, Parser: DomParser): LeanVerdict {
  const parse: Parse = (text) => parseWith(Parser, text);
  try {
    const document = parse(textOf(job.samlResponse));
    shape(document);
    return judged(signedPart(document, job, parse), document, job);
  } catch (cause) {
    if (cause instanceof No) return { verified: false, why: cause.message };
    return { verified: false, why: `unexpected: ${(cause as Error).message}` };
  }
}

function textOf(field: string): string {
  const bytes = Buffer.from(field, 'base64');
  must(bytes.length > 0 && bytes.length <= BYTES_MAX, 'size');
  must(bytes.toString('base64') === field, 'base64');
  const text = bytes.toString('utf8');
  must(Buffer.from(text, 'utf8').equals(bytes), 'utf-8');
  const body = text.replace(/^\ufeff/, '').replace(/^<\?xml version="1.0"( encoding="(UTF|utf)-8")?\s*\?>/, '');
  must(!body.includes('<!') && !body.includes('<?'), 'markup that is no element');
  return body;
}

function parseWith(Parser: DomParser, text: string): Element {
  const fail = (why: string) => {
    throw new No(`xml: ${why}`);
  };
  const parser = new Parser({ errorHandler: { warning: fail, error: fail, fatalError: fail } });
  const document = parser.parseFromString(text, 'text/xml') as Document | undefined;
  must(document?.documentElement, 'xml: no element');
  for (let node = document.firstChild; node; node = node.nextSibling) {
    must(node === document.documentElement || /^\s*$/.test(node.nodeValue ?? ''), 'xml: something beside the root');
  }
  balanced(text);
  const root = document.documentElement as unknown as Element;
  const nodes = whole(root).flatMap((element) => [element, ...attributesOf(element)]);
  must(!nodes.some(({ nodeName, namespaceURI }) => nodeName.includes(':') && !namespaceURI), 'xml: undeclared prefix');
  return root;
}

/** xmldom forgives end tags that end nothing, text before the root, and an ampersand by itself. Deep trees would end the recursions here. */
function balanced(text: string): void {
  must(/^\s*</.test(text), 'xml: something before the root');
  must(!/&(?!(amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)/i.test(text), 'xml: an ampersand by itself');
  const open: string[] = [];
  for (const [tag, end, name = ''] of text.matchAll(/<(\/?)([^\s/>]+)[^>]*>/g)) {
    if (end) must(open.pop() === name, 'xml: an end tag that ends nothing');
    else if (!tag.endsWith('/>')) open.push(name);
    must(open.length <= 40, 'depth');
  }
  must(open.length === 0, 'xml: an element that does not end');
}

const elementsIn = (parent: Element): Element[] => {
  const found: Element[] = [];
  for (let node = parent.firstChild; node; node = node.nextSibling)
    if (node.nodeType === 1) found.push(node as Element);
  return found;
};
const named = (parent: Element, namespace: string, name: string) =>
  elementsIn(parent).filter((each) => each.localName === name && (each.namespaceURI ?? '') === namespace);
const whole = (root: Element): Element[] => [root, ...elementsIn(root).flatMap(whole)];
const attributesOf = (element: Element) =>
  Array.from({ length: element.attributes.length }, (_, n) => element.attributes.item(n) as Attr);

/** `undefined` for none; two are no answer. */
function one(parent: Element | undefined, namespace: string, name: string): Element | undefined {
  const found = parent ? named(parent, namespace, name) : [];
  must(found.length <= 1, `two of ${name}`);
  return found[0];
}

function sole(parent: Element | undefined, namespace: string, name: string): Element {
  const found = one(parent, namespace, name);
  must(found, `no ${name}`);
  return found;
}

function directText(element: Element | undefined): string {
  let text = '';
  for (let node = element?.firstChild ?? null; node; node = node.nextSibling)
    if (node.nodeType === 3) text += node.nodeValue;
  return text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
}

const value = (element: Element, name: string) => (element.hasAttribute(name) ? element.getAttribute(name) : null);

/** What may stand where, and how much of it. */
function shape(response: Element): void {
  must(response.localName === 'Response' && response.namespaceURI === SAMLP, 'no Response');
  must(value(response, 'Version') === '2.0', 'version');
  const parts = elementsIn(response).map(({ namespaceURI, localName }) => `${namespaceURI} ${localName}`);
  const known = [`${SAML} Issuer`, `${DS} Signature`, `${SAMLP} Status`, `${SAML} Assertion`];
  must(
    parts.every((part) => known.includes(part)),
    'unknown part',
  );
  must(new Set(parts).size === parts.length, 'a part twice');
  const status = sole(sole(response, SAMLP, 'Status'), SAMLP, 'StatusCode');
  must(value(status, 'Value') === 'urn:oasis:names:tc:SAML:2.0:status:Success', 'status');
  const elements = whole(response);
  must(elements.length <= 6_000, 'elements');
  for (const element of elements) place(element);
  const ids = elements.flatMap(attributesOf).filter(({ name }) => /(^|:)id$/i.test(name) && !name.startsWith('xmlns:'));
  must(new Set(ids.map((id) => id.value)).size === ids.length, 'an id twice');
}

const ALGORITHMS: Readonly<Record<string, RegExp>> = {
  CanonicalizationMethod: /^http:\/\/www\.w3\.org\/2001\/10\/xml-exc-c14n#(WithComments)?$/,
  Transform: /^http:\/\/www\.w3\.org\/(2001\/10\/xml-exc-c14n#(WithComments)?|2000\/09\/xmldsig#enveloped-signature)$/,
  SignatureMethod:
    /^http:\/\/www\.w3\.org\/(2001\/04\/xmldsig-more#rsa-sha(256|512)|2007\/05\/xmldsig-more#sha256-rsa-MGF1)$/,
  DigestMethod: /^http:\/\/www\.w3\.org\/2001\/04\/xmlenc#sha(256|512)$/,
};

function place(element: Element): void {
  const parent = element.parentNode as Element | null;
  const is = (node: Element | null, namespace: string, ...names: string[]) =>
    node?.namespaceURI === namespace && names.includes(node.localName);
  must(element.attributes.length <= 32, 'attributes');
  let depth = 0;
  for (let at: Node | null = element; at?.nodeType === 1; at = at.parentNode) depth += 1;
  must(depth <= 40, 'depth');
  if (is(element, SAML, 'Assertion'))
    must(is(parent, SAMLP, 'Response') || is(parent, SAML, 'Advice'), 'place of an assertion');
  if (element.namespaceURI !== DS) return;
  must(element.localName !== 'Object', 'object');
  if (element.localName === 'Signature') {
    must(is(parent, SAMLP, 'Response') || is(parent, SAML, 'Assertion'), 'place of a signature');
    const parts = elementsIn(element).map((part) => (part.namespaceURI === DS ? part.localName : 'other'));
    const sorted = parts.filter((part) => part !== 'KeyInfo').sort();
    must(String(sorted) === 'SignatureValue,SignedInfo' && parts.length <= 3, 'parts of a signature');
    const infos = whole(element).filter(({ localName }) => localName === 'SignedInfo');
    must(infos.length === 1, 'a second SignedInfo');
    const transforms = whole(element).filter(({ localName }) => localName === 'Transform');
    must(
      transforms.every((each) => (each.parentNode as Element | null)?.localName === 'Transforms') &&
        transforms.length <= 2,
      'transforms elsewhere',
    );
  }
  const allowed = Object.hasOwn(ALGORITHMS, element.localName) ? ALGORITHMS[element.localName] : undefined;
  must(!allowed || allowed.test(value(element, 'Algorithm') ?? ''), 'algorithm');
}

/** The signed element, read again from the very octets that were digested. */
function signedPart(response: Element, { settings }: VerificationJob, parse: Parse): Element {
  const assertion = sole(response, SAML, 'Assertion');
  const outside = named(response, DS, 'Signature').length > 0;
  const inside = named(assertion, DS, 'Signature').length > 0;
  must(outside || !['response', 'both'].includes(settings.requireSigned), 'the response is not signed');
  must(inside || !['assertion', 'both'].includes(settings.requireSigned), 'the assertion is not signed');
  must(outside || inside, 'nothing is signed');
  const keys = settings.certificates.map((pem) => new X509Certificate(pem).publicKey);
  const mustInside = !outside || ['assertion', 'both'].includes(settings.requireSigned);
  const inner = mustInside ? parse(covered(assertion, response, keys)) : undefined;
  return outside ? parse(covered(response, response, keys)) : (inner as Element);
}

function covered(element: Element, root: Element, keys: readonly X509Certificate['publicKey'][]): string {
  const signature = sole(element, DS, 'Signature');
  const signedInfo = sole(signature, DS, 'SignedInfo');
  const reference = sole(signedInfo, DS, 'Reference');
  const id = value(element, 'ID');
  must(id && value(reference, 'URI') === `#${id}`, 'the reference is to something else');
  must(
    whole(root).filter((each) =>
      attributesOf(each).some((attribute) => attribute.value === id && /id$/i.test(attribute.name)),
    ).length === 1,
    'the id is not unique',
  );
  const algorithm = value(sole(signedInfo, DS, 'SignatureMethod'), 'Algorithm') ?? '';
  const octets = Buffer.from(canonical(signedInfo));
  const padding = algorithm.endsWith('MGF1') ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  const hash = algorithm.includes('512') ? 'sha512' : 'sha256';
  const made = Buffer.from(directText(sole(signature, DS, 'SignatureValue')), 'base64');
  must(
    keys.some((key) => verify(hash, octets, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }, made)),
    'signature value',
  );
  return digested(element, signature, reference);
}

function digested(element: Element, signature: Element, reference: Element): string {
  const transforms = named(sole(reference, DS, 'Transforms'), DS, 'Transform');
  must(
    transforms.length <= 2 && value(transforms[0] as Element, 'Algorithm')?.endsWith('enveloped-signature'),
    'transforms',
  );
  const [list] = transforms.flatMap((each) => named(each, EXC_C14N, 'InclusiveNamespaces'));
  const copy = element.cloneNode(true) as Element;
  copy.removeChild(sole(copy, DS, 'Signature'));
  must(signature.parentNode === element, 'place of the signature');
  const text = canonical(copy, list ? (value(list, 'PrefixList') ?? '').split(' ') : []);
  const hash = value(sole(reference, DS, 'DigestMethod'), 'Algorithm')?.endsWith('512') ? 'sha512' : 'sha256';
  const stated = Buffer.from(directText(sole(reference, DS, 'DigestValue')), 'base64');
  must(createHash(hash).update(text).digest().equals(stated), 'digest');
  return text;
}

function canonical(element: Element, inclusive: readonly string[] = []): string {
  const options = inclusive.length > 0 ? { inclusiveNamespacesPrefixList: [...inclusive] } : {};
  return String(new ExclusiveCanonicalization().process(element, options as never));
}

function judged(signed: Element, posted: Element, job: VerificationJob): LeanVerdict {
  const responseSigned = signed.localName === 'Response';
  const response = responseSigned ? signed : posted;
  const assertion = responseSigned ? sole(signed, SAML, 'Assertion') : signed;
  const assertionId = value(assertion, 'ID') ?? '';
  must(
    [assertionId, value(response, 'ID') ?? ''].every((id) => /^[\w.:-]{1,256}$/.test(id)),
    'id',
  );
  const { settings } = job;
  must(directText(one(assertion, SAML, 'Issuer')) === settings.idpEntityId, 'issuer');
  const responseIssuer = one(response, SAML, 'Issuer');
  must(!responseIssuer || directText(responseIssuer) === settings.idpEntityId, 'issuer of the response');
  must([null, settings.acsUrl].includes(value(response, 'Destination')), 'destination');
  times(assertion, job);
  const restrictions = named(sole(assertion, SAML, 'Conditions'), SAML, 'AudienceRestriction');
  const forUs = (each: Element) =>
    named(each, SAML, 'Audience').some((audience) => directText(audience) === settings.spEntityId);
  must(restrictions.length > 0 && restrictions.every(forUs), 'audience');
  confirmed(assertion, response, responseSigned, job);
  const nameId = directText(one(one(assertion, SAML, 'Subject'), SAML, 'NameID'));
  must(nameId !== '' && clean(nameId, 1024), 'name');
  return { verified: true, assertionId, nameId, attributes: attributes(assertion) };
}

function instant(element: Element, name: string): number | null {
  const text = value(element, name);
  if (text === null) return null;
  must(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(text), `time ${name}`);
  const at = Date.parse(text);
  must(!Number.isNaN(at), `time ${name}`);
  return at;
}

function times(assertion: Element, { settings, now }: VerificationJob): void {
  const skew = settings.clockSkewSeconds * 1000;
  const begun = (at: number | null) => at === null || now.getTime() >= at - skew;
  const over = (at: number | null) => at !== null && now.getTime() >= at + skew;
  const conditions = sole(assertion, SAML, 'Conditions');
  const understood = ['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction'];
  must(
    elementsIn(conditions).every((each) => each.namespaceURI === SAML && understood.includes(each.localName)),
    'condition',
  );
  const end = instant(conditions, 'NotOnOrAfter');
  must(end !== null && !over(end) && begun(instant(conditions, 'NotBefore')), 'time');
  const issued = instant(assertion, 'IssueInstant');
  must(issued !== null && begun(issued) && !over(issued + settings.maxAssertionAgeSeconds * 1000), 'age');
  const statements = named(assertion, SAML, 'AuthnStatement');
  must(statements.length > 0, 'no statement of authentication');
  for (const statement of statements) instant(statement, 'SessionNotOnOrAfter');
  must(!statements.some((statement) => over(instant(statement, 'SessionNotOnOrAfter'))), 'session');
}

function confirmed(assertion: Element, response: Element, responseSigned: boolean, job: VerificationJob): void {
  const { settings, now, pendingRequestId } = job;
  const skew = settings.clockSkewSeconds * 1000;
  const subject = one(assertion, SAML, 'Subject');
  const all = subject ? named(subject, SAML, 'SubjectConfirmation') : [];
  must(all.length <= 10, 'confirmations');
  const bearer = all.filter((each) => value(each, 'Method') === 'urn:oasis:names:tc:SAML:2.0:cm:bearer');
  const data = bearer.map((each) => one(each, SAML, 'SubjectConfirmationData')).filter((each) => each !== undefined);
  const holds = (each: Element) => {
    try {
      const [end, begin] = [instant(each, 'NotOnOrAfter'), instant(each, 'NotBefore')];
      const inTime = end !== null && now.getTime() < end + skew && (begin === null || now.getTime() >= begin - skew);
      return value(each, 'Recipient') === settings.acsUrl && inTime;
    } catch {
      return false;
    }
  };
  const holding = data.filter(holds);
  must(holding.length > 0, 'confirmation');
  const onResponse = value(response, 'InResponseTo');
  const onSubjects = all
    .flatMap((each) => named(each, SAML, 'SubjectConfirmationData'))
    .map((each) => value(each, 'InResponseTo'));
  must(
    [onResponse, ...onSubjects].every((id) => id === null || id === pendingRequestId),
    'another request',
  );
  if (pendingRequestId === null) must(settings.allowIdpInitiated && responseSigned, 'unasked');
  else {
    const bound = holding.some((each) => value(each, 'InResponseTo') === pendingRequestId);
    must(bound || (responseSigned && onResponse === pendingRequestId), 'request not under the signature');
  }
}

/** `Cc` but for tab and line ends, which are white space. */
function clean(text: string, bytes: number): boolean {
  const isText = !/[\p{Cc}\p{Cs}\ufffe\uffff]/u.test(text.replace(/[\t\r\n]/g, ''));
  return isText && Buffer.byteLength(text) <= bytes;
}

function attributes(assertion: Element): Record<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const structured = new Set<string>();
  for (const attribute of named(assertion, SAML, 'AttributeStatement').flatMap((each) =>
    named(each, SAML, 'Attribute'),
  )) {
    const name = (value(attribute, 'Name') ?? '').replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
    must(
      name !== '' && clean(name, 1024) && clean((value(attribute, 'FriendlyName') ?? '').trim(), 1024),
      'attribute name',
    );
    const texts = named(attribute, SAML, 'AttributeValue')
      .filter((each) => !/^(true|1)$/.test(value(each, 'xsi:nil') ?? ''))
      .map(textOfValue);
    if (texts.some((text) => text === null)) structured.add(name);
    const values = texts.some((text) => text === null) ? [] : texts.filter((text) => text !== null && text !== '');
    found.set(name, [...(found.get(name) ?? []), ...(values as string[])]);
  }
  must(found.size <= 200, 'attributes');
  for (const values of found.values())
    must(values.length <= 5_000 && values.every((text) => clean(text, 8192)), 'values');
  return Object.fromEntries([...found].filter(([name]) => !structured.has(name)));
}

/** `null` for a structure, unless it is a NameID and nothing else. */
function textOfValue(element: Element): string | null {
  const inside = elementsIn(element);
  const [only] = inside;
  if (!only) return directText(element);
  const plain =
    inside.length === 1 && only.namespaceURI === SAML && only.localName === 'NameID' && elementsIn(only).length === 0;
  return plain ? directText(only) : null;
}
