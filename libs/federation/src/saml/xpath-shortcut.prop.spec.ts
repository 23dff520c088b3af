/**
 * The shortcut gives the very nodes that xpath gives, in its order, and changes no verdict.
 * Method: every query that the libraries ask, over generated documents, corpora and mutations of signed responses, answered by both.
 * When a library update asks something new, "knows every question" fails: then look at the question and teach it, or leave it.
 */
import { DOMParser } from '@xmldom/xmldom';
import fc from 'fast-check';
import { corpusFiles } from './corpus.fixture.js';
import { preCheck, type ResponseOutline } from './pre-check.js';
import { checkSignature } from './signature-check.js';
import { IdentityProviderFixture } from './signed-response.fixture.js';
import { verifyResponse } from './verification.js';
import {
  answerDirectly,
  type DomNode,
  installXPathShortcut,
  type XPathModule,
  xpathModules,
} from './xpath-shortcut.js';

const SEED = 20_260_301;
/** A minute's worth is for `XPATH_RUNS=1000`; xpath itself is what takes the time. */
const RUNS = Number(process.env['XPATH_RUNS'] ?? 25);
const EVERY = Math.max(1, Math.round(1500 / RUNS));
const originals = xpathModules().map((xpath) => ({ ...xpath }));
const asked = new Set<string>();

let idp: IdentityProviderFixture;
let documents: readonly string[];
let outline: ResponseOutline;
let before: readonly string[];
beforeAll(async () => {
  jest.spyOn(console, 'warn').mockReturnValue(undefined); // the parser comments on broken documents
  idp = await IdentityProviderFixture.create();
  const signed = (['assertion', 'response', 'both'] as const).map((sign) => idp.write({ sign }));
  documents = [...signed, ...signed.flatMap(mutations), ...corpusFiles('saml').map(({ text }) => text)];
  outline = preCheck(idp.write());
  record(xpathModules(), asked);
  before = await verdicts(documents);
});

describe('the xpath shortcut', () => {
  it('stands between the libraries and xpath', () => {
    expect(asked.size).toBeGreaterThan(10);
  });

  it('knows every question that the libraries ask', () => {
    const unknown = [...asked].filter((query) => answerDirectly(query, parse('<a/>')) === undefined);
    expect(unknown).toEqual([]);
  });

  it('answers them with the same nodes in the same order, on every document', () => {
    const queries = [...asked];
    for (const text of documents.filter((text, index) => index % EVERY === 0 && text.length < 10_000))
      compare(parse(text), queries);
  });

  it('answers them with the same nodes in the same order, on documents that nobody would write', () => {
    const queries = [...asked].map((query) => query.replace(/_(assertion|response)-1/, 'a'));
    fc.assert(
      fc.property(tree, (text) => compare(parse(text), queries)),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it('leaves every other question to xpath', () => {
    for (const query of [
      '//*',
      '/*',
      './/text()',
      "//*[local-name(.)='a'][1]",
      "//*[@ID='a' or 1=1]",
      '//*[@ID="a" or "b"="b"]',
      'count(//*)',
    ]) {
      expect(answerDirectly(query, parse('<a/>'))).toBeUndefined();
    }
  });

  it('changes no verdict', async () => {
    installXPathShortcut();
    asked.clear();
    expect(await verdicts(documents)).toEqual(before);
    expect(new Set(before.map((verdict) => verdict.split(' ')[0]))).toEqual(new Set(['valid', 'refused:']));
    expect([...asked]).toEqual([]);
  });
});

/** Lets the libraries write down what they ask. */
function record(modules: readonly XPathModule[], questions: Set<string>): void {
  for (const xpath of modules) {
    const { selectWithResolver } = xpath;
    xpath.selectWithResolver = (query, ...rest) => {
      questions.add(query);
      return selectWithResolver(query, ...rest);
    };
  }
}

function verdicts(texts: readonly string[]): Promise<readonly string[]> {
  const verdict = async (text: string) => {
    const whole = await verifyResponse(idp.job(text));
    const demanded = {
      ...outline,
      responseSigned: /<(\w+:)?Response[^>]*>\s*<(\w+:)?Issuer[^>]*>[^<]*<\/(\w+:)?Issuer>\s*<(\w+:)?Signature/.test(
        text,
      ),
    };
    const signature = await checkSignature(text, demanded, idp.settings()).then(
      ({ xml }) => `valid ${xml}`,
      ({ message }) => `refused: ${message}`,
    );
    return `${signature} ${whole.kind === 'refused' ? whole.refusal.code : 'verified'}`;
  };
  return Promise.all(texts.map(verdict));
}

function compare(document: DomNode, queries: readonly string[]): void {
  const nodes = [document, ...elementsOf(document)];
  const contexts = [document, ...nodes.filter((_, index) => index % 17 === 2).slice(0, 3)];
  for (const query of queries) {
    for (const context of contexts) {
      const direct = answerDirectly(query, context) ?? [];
      for (const xpath of originals) {
        const real = xpath.select(query, context) as DomNode[];
        if (real.length !== direct.length || real.some((node, index) => node !== direct[index])) {
          throw new Error(
            `${query}: xpath finds ${real.map(({ nodeName }) => nodeName)}, the shortcut ${direct.map(({ nodeName }) => nodeName)}`,
          );
        }
      }
    }
  }
}

function elementsOf(node: DomNode): DomNode[] {
  const found: DomNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling)
    if (child.nodeType === 1) found.push(child, ...elementsOf(child));
  return found;
}

function parse(text: string): DomNode {
  const silent = { warning: () => undefined, error: () => undefined, fatalError: () => undefined };
  return new DOMParser({ errorHandler: silent }).parseFromString(text, 'text/xml') as unknown as DomNode;
}

/** Well-formed documents with the names, namespaces and ids of signed ones in all the wrong places. */
const name = fc.constantFrom(
  'ds:Signature',
  'ds:Reference',
  'ds:Transform',
  'ds:SignedInfo',
  'ds:KeyInfo',
  's:Assertion',
  'p:Response',
  'Signature',
  'CanonicalizationMethod',
  'SignatureMethod',
  'SignatureValue',
);
const attribute = fc.tuple(
  fc.constantFrom('ID', 'Id', 'id', 'ds:ID', 'xmlns:id', 'Algorithm', 'ds:Algorithm', 'InResponseTo'),
  fc.constantFrom('a', 'b'),
);
const leaf = fc.constantFrom('text', '<![CDATA[a]]>', '<!-- c -->', '<?p i?>', ' ');
const { tree } = fc.letrec<{ tree: string; element: string }>((tie) => ({
  tree: tie('element').map(
    (inner) =>
      `<p:Response xmlns:p="urn:p" xmlns:s="urn:s" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" ID="a">${inner}</p:Response>`,
  ),
  element: fc
    .tuple(
      name,
      fc.uniqueArray(attribute, { selector: ([key]) => key, maxLength: 3 }),
      fc.array(fc.oneof({ maxDepth: 4 }, leaf, tie('element')), { maxLength: 4 }),
    )
    .map(
      ([tag, attributes, children]) =>
        `<${tag}${attributes.map(([key, value]) => ` ${key}="${value}"`).join('')}>${children.join('')}</${tag}>`,
    ),
}));

/** Signed responses with something moved, doubled, dropped or renamed; the same on every run. */
function mutations(xml: string): readonly string[] {
  const parts = xml.match(/<[^>]+>|[^<]+/g) ?? [];
  const random = fc.sample(
    fc.tuple(fc.nat(parts.length - 1), fc.nat(parts.length - 1), fc.constantFrom('drop', 'double', 'swap', 'id', 'ns')),
    { seed: SEED, numRuns: 60 },
  );
  return random.map(([one, other, how]) => mutate(parts, one, other, how).join(''));
}

function mutate(parts: readonly string[], one: number, other: number, how: string): string[] {
  const [first = '', second = ''] = [parts[one], parts[other]];
  if (how === 'drop') return parts.toSpliced(one, 1);
  if (how === 'double') return parts.toSpliced(other, 0, first);
  if (how === 'swap') return parts.with(one, second).with(other, first);
  if (how === 'id') return parts.with(one, first.replace(/>$/, ' ID="_assertion-1">'));
  return parts.with(one, first.replace(/\w+:/, ''));
}
