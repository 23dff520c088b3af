import fc from 'fast-check';
import type { Json } from '#libs/kernel';
import { type Ciphertext, encryptField } from './field-encryption.js';
import { rewriteCiphertexts, rewritePersonalFields } from './personal-fields.js';

const key = Buffer.alloc(32, 3);
const PATHS = ['profile.email', 'links[].subject', 'tags[]', 'grid[][]'];
const mark = (value: Json) => ({ seen: value });

const name = fc.oneof(
  fc.constantFrom('profile', 'links', 'subject', 'email', '__proto__', 'constructor'),
  fc.string({ maxLength: 4 }),
);
const { anything } = fc.letrec<{ anything: Json }>((tie) => ({
  anything: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>(null, '', 0, false, 'x', 'ada@acme.example'),
    fc.array(tie('anything'), { maxLength: 3 }),
    fc.array(fc.tuple(name, tie('anything')), { maxLength: 4 }).map((pairs) => Object.fromEntries(pairs) as Json),
  ),
}));

describe('personal fields of an event', () => {
  it('are rewritten where a path leads, element by element, and nowhere else', () => {
    const data = {
      profile: { email: 'a', name: 'b' },
      links: [{ subject: 's', connection: 'c' }],
      tags: ['t', ''],
      grid: [['g']],
    };
    expect(rewritePersonalFields(data, PATHS, mark)).toEqual({
      profile: { email: { seen: 'a' }, name: 'b' },
      links: [{ subject: { seen: 's' }, connection: 'c' }],
      tags: [{ seen: 't' }, ''],
      grid: [[{ seen: 'g' }]],
    });
  });

  it('are named by their full path', () => {
    const seen: string[] = [];
    const data = { profile: { email: 'a' }, links: [{ subject: 's' }, { subject: 't' }], grid: [['g'], ['h', 'i']] };
    rewritePersonalFields(data, PATHS, (value, path) => seen.push(path) && value);
    expect(seen).toEqual([
      'profile.email',
      'links[0].subject',
      'links[1].subject',
      'grid[0][0]',
      'grid[1][0]',
      'grid[1][1]',
    ]);
  });

  it.each([null, '', [], {}])('stay as they are when empty: %j', (empty) => {
    expect(rewritePersonalFields({ profile: { email: empty } }, PATHS, mark)).toEqual({ profile: { email: empty } });
  });

  it('come back from encryption as they were, whatever the data', () => {
    fc.assert(
      fc.property(anything, (data) => {
        const before = JSON.stringify(data);
        const plain: Json[] = [];
        const encrypted = rewritePersonalFields(data, PATHS, (value) => {
          plain.push(value);
          return encrypt(value);
        });
        expect(JSON.stringify(rewriteCiphertexts(encrypted, () => plain.shift() as Json))).toBe(before);
        expect(JSON.stringify(data)).toBe(before);
      }),
    );
  });

  it('treat __proto__ as an ordinary name', () => {
    const data = JSON.parse('{"__proto__": {"email": "a"}, "profile": {"__proto__": 1, "email": "b"}}');
    const rewritten = rewritePersonalFields(data, PATHS, mark);
    expect(JSON.stringify(rewritten)).toBe(
      '{"__proto__":{"email":"a"},"profile":{"__proto__":1,"email":{"seen":"b"}}}',
    );
    expect(({} as { email?: string }).email).toBeUndefined();
  });

  it('cannot be confused with data in clear that looks like a ciphertext', () => {
    expect(() => rewritePersonalFields({ note: { $personal: 'x' } }, PATHS, mark)).toThrow(/reserved name/);
    expect(rewritePersonalFields({ tags: [{ $personal: 'x' }] }, PATHS, mark)).toEqual({
      tags: [{ seen: { $personal: 'x' } }],
    });
  });
});

const encrypt = (value: Json) =>
  encryptField(key, { tenant: 't', subject: 's', eventId: 'e', type: 'T', field: 'f' }, value) as Ciphertext & Json;
