import fc from 'fast-check';
import { ephemeralKeyring } from './keyring.js';
import { lengthPrefixed } from './length-prefixed.js';

const texts = fc.array(fc.string({ unit: 'binary', maxLength: 8 }), { maxLength: 5 });

describe('texts joined with their lengths', () => {
  it('are the same bytes only when they are the same texts', () => {
    fc.assert(
      fc.property(texts, texts, (some, others) => {
        const same = some.length === others.length && some.every((text, index) => text === others[index]);
        expect(lengthPrefixed(...some).equals(lengthPrefixed(...others))).toBe(same);
      }),
    );
  });

  it('keep parts apart wherever a text is cut, which plain joining does not', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 2, maxLength: 12 }),
        fc.nat(),
        fc.nat(),
        (text, one, other) => {
          const cuts = [one, other].map((cut) => [...text].length && cut % ([...text].length + 1));
          fc.pre(cuts[0] !== cuts[1]);
          const [a, b] = cuts.map((cut) => [[...text].slice(0, cut).join(''), [...text].slice(cut).join('')] as const);
          expect(a?.join('')).toBe(b?.join(''));
          expect(keyring.lookupHmac('test', ...(a ?? []))).not.toBe(keyring.lookupHmac('test', ...(b ?? [])));
        },
      ),
    );
  });

  it('refuse a lone surrogate, which would turn into another text', () => {
    expect(() => lengthPrefixed('\ud800')).toThrow(TypeError);
  });
});

const keyring = ephemeralKeyring();
