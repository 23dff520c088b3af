/** The canonical form, held against another implementation (xml-crypto over xmldom) on made-up documents. */
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { SignedXml } from 'xml-crypto';
import { CanonicalForm } from './canonical-form.js';
import { plainXml } from './plain-xml.js';
import { walkXml } from './xml-stream.js';

const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const { DOMParser } = createRequire(createRequire(import.meta.url).resolve('xml-crypto'))('@xmldom/xmldom');

async function ours(xml: string, inclusivePrefixes: readonly string[]): Promise<string> {
  const form = new CanonicalForm({ begins: () => true, inclusivePrefixes });
  await walkXml(await plainXml(xml), form);
  return form.octets;
}

function theirs(xml: string, inclusiveNamespacesPrefixList: readonly string[]): string {
  const { documentElement } = new DOMParser().parseFromString(xml, 'text/xml');
  return new SignedXml().getCanonXml([EXCLUSIVE], documentElement, { inclusiveNamespacesPrefixList } as never);
}

const prefix = fc.constantFrom('', 'p', 'q', 'r');
const local = fc.constantFrom('a', 'b', 'c');
const uri = fc.constantFrom('urn:1', 'urn:2', 'urn:3');
const text = fc.array(
  fc.constantFrom('x', ' ', '\n', '\t', '&amp;', '&lt;', '&gt;', '&#13;', '&#10;', '"', "'", 'ü', '🔑'),
  {
    maxLength: 6,
  },
);
const named = (prefixOf: string, name: string) => (prefixOf === '' ? name : `${prefixOf}:${name}`);

/** An element with declarations and attributes, each name once, as XML wants it. */
const { element } = fc.letrec<{ element: string }>((tie) => ({
  element: fc
    .record({
      prefix,
      local,
      declared: fc.uniqueArray(fc.tuple(prefix, uri), { selector: ([each]) => each, maxLength: 3 }),
      attributes: fc.uniqueArray(fc.tuple(fc.constantFrom('', 'p', 'xml'), local, text), {
        selector: ([each, name]) => named(each, name),
        maxLength: 3,
      }),
      children: fc.array(
        fc.oneof(
          { depthSize: 'small' },
          text.map((parts) => parts.join('')),
          tie('element'),
        ),
        { maxLength: 4 },
      ),
    })
    .map(({ prefix: own, local: name, declared, attributes, children }) => {
      const declarations = declared.map(([each, namespace]) => ` xmlns${each === '' ? '' : `:${each}`}="${namespace}"`);
      const values = attributes.map(
        ([each, key, parts]) => ` ${named(each, key)}="${parts.join('').replace(/"/g, '')}"`,
      );
      return `<${named(own, name)}${[...declarations, ...values].join('')}>${children.join('')}</${named(own, name)}>`;
    }),
}));
const document = element.map((inner) => `<root xmlns:p="urn:1" xmlns:q="urn:2" xmlns:r="urn:3">${inner}</root>`);

describe('the canonical form', () => {
  it('is what another implementation writes', async () => {
    await fc.assert(
      fc.asyncProperty(document, fc.subarray(['p', 'q', 'absent']), async (xml, prefixes) => {
        expect(await ours(xml, prefixes)).toBe(theirs(xml, prefixes));
      }),
      { seed: 20_260_301, numRuns: 500 },
    );
  });

  it('of a canonical form is itself', async () => {
    await fc.assert(
      fc.asyncProperty(document, async (xml) => {
        const once = await ours(xml, []);
        expect(await ours(once, [])).toBe(once);
      }),
      { seed: 20_260_301, numRuns: 200 },
    );
  });

  it('writes the default namespace wherever it is asked for, which the other implementation does not know', async () => {
    const xml = '<p:a xmlns="urn:d" xmlns:p="urn:1"><p:b xmlns=""><c/></p:b></p:a>';
    expect(await ours(xml, ['#default'])).toBe('<p:a xmlns="urn:d" xmlns:p="urn:1"><p:b xmlns=""><c></c></p:b></p:a>');
    expect(await ours(xml, [])).toBe('<p:a xmlns:p="urn:1"><p:b><c></c></p:b></p:a>');
  });
});
