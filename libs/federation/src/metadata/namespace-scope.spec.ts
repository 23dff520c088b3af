/** Namespaces cost what they declare: a document cannot make each of many small elements pay for all that is declared around it. */
import { CanonicalForm } from './canonical-form.js';
import { CANONICAL_CHARACTERS_MAX, DECLARATIONS_MAX, PREFIXES_MAX } from './metadata-limits.js';
import { NamespaceScope } from './namespace-scope.js';
import { walkXml, type XmlVisitor } from './xml-stream.js';

const IDLE: XmlVisitor = { open: () => undefined, text: () => undefined, close: () => undefined };
const prefixes = (count: number, name = 'n') =>
  Array.from({ length: count }, (_, n) => ` xmlns:${name}${n}="urn:${n}"`).join('');
const around = (inner: string, declarations = '') => `<a${declarations}>${inner}</a>`;

/** How often something is put into a map while a document is read: every declaration that is kept or copied is one. */
async function kept(xml: string): Promise<number> {
  const set = jest.spyOn(Map.prototype, 'set');
  try {
    await walkXml(xml, IDLE);
    return set.mock.calls.length;
  } finally {
    set.mockRestore();
  }
}

describe('a scope', () => {
  const outer = new NamespaceScope([
    ['', 'urn:default'],
    ['a', 'urn:a'],
  ]);

  it('knows what is declared in it and around it, the nearer one first', () => {
    const inner = new NamespaceScope([['a', 'urn:b']], outer);
    expect([inner.get('a'), inner.get(''), inner.get('c'), outer.get('a')]).toEqual([
      'urn:b',
      'urn:default',
      undefined,
      'urn:a',
    ]);
  });

  it('takes the default namespace back', () => {
    expect(new NamespaceScope([['', '']], outer).get('')).toBe('');
  });

  it('counts prefixes once, wherever they are declared', () => {
    const more = [
      ['a', 'urn:b'],
      ['c', 'urn:c'],
    ] as const;
    expect(new NamespaceScope(more, outer).size).toBe(3);
  });
});

describe('a document with namespaces', () => {
  it('costs one step for each declaration, however many are around it', async () => {
    const small = '<y xmlns:q="u"/>'.repeat(1_000);
    expect(await kept(around(small))).toBe(1_000);
    expect(await kept(around(small, prefixes(60)))).toBe(1_060);
  });

  it('has a bounded number of them in one place, and in all', async () => {
    const inOnePlace = (count: number) => walkXml(around(`<b${prefixes(count, 'm')}/>`, prefixes(40)), IDLE);
    const left = PREFIXES_MAX - 2 - 40; // the default namespace and that of XML are always there
    await expect(inOnePlace(left)).resolves.toBeUndefined();
    await expect(inOnePlace(left + 1)).rejects.toMatchObject({ code: 'metadata-hostile' });
    const inAll = (count: number) => walkXml(around('<b xmlns="u"/>'.repeat(count)), IDLE);
    await expect(inAll(DECLARATIONS_MAX)).resolves.toBeUndefined();
    await expect(inAll(DECLARATIONS_MAX + 1)).rejects.toMatchObject({ code: 'metadata-hostile' });
  });

  it('does not grow without end in canonical form, which repeats a declaration wherever it is used', async () => {
    const long = (length: number) => `<a xmlns:n="${'u'.repeat(length)}">${'<n:b/>'.repeat(10_000)}</a>`;
    const canonical = async (xml: string) => {
      const form = new CanonicalForm({ begins: () => true });
      await walkXml(xml, form);
      return form.octets.length;
    };
    expect(await canonical(long(100))).toBeLessThan(CANONICAL_CHARACTERS_MAX);
    await expect(canonical(long(CANONICAL_CHARACTERS_MAX / 10_000))).rejects.toMatchObject({
      code: 'metadata-too-large',
    });
  });
});
