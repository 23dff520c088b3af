import fc from 'fast-check';
import type { Json } from '#libs/kernel';
import { type Ciphertext, decryptField, encryptField, type FieldPlace } from './field-encryption.js';
import { CiphertextRejectedError } from './vault.errors.js';

const key = Buffer.alloc(32, 1);
const place: FieldPlace = { tenant: 'acme', subject: 's1', eventId: 'e1', type: 'Happened', field: 'claims' };

describe('an encrypted field', () => {
  it('opens in its own place as the value that it was', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const opened = decryptField(key, place, encryptField(key, place, value as Json));
        expect(opened).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('never looks the same twice and tells nothing of its value', () => {
    const [one, two] = [encryptField(key, place, 'ada@acme.example'), encryptField(key, place, 'ada@acme.example')];
    expect(one.$personal.ct).not.toBe(two.$personal.ct);
    expect(JSON.stringify(one)).not.toContain('ada@acme');
  });

  it.each(Object.keys(place) as (keyof FieldPlace)[])('is refused under another %s', (part) => {
    const ciphertext = encryptField(key, place, 'x');
    expect(() => decryptField(key, { ...place, [part]: 'another' }, ciphertext)).toThrow(CiphertextRejectedError);
  });

  it.each(['iv', 'ct', 'tag', 'kc'] as const)('is refused when one bit of its %s is flipped', (part) => {
    const ciphertext = encryptField(key, place, 'a value');
    expect(() => decryptField(key, place, flipped(ciphertext, part))).toThrow(CiphertextRejectedError);
  });

  it('is refused under a key that it does not commit to, before anything is decrypted', () => {
    const other = Buffer.alloc(32, 2);
    const { $personal } = encryptField(other, place, 'x');
    const claimsTheFirstKey = { $personal: { ...$personal, kc: encryptField(key, place, 'x').$personal.kc } };
    expect(() => decryptField(other, place, claimsTheFirstKey)).toThrow(CiphertextRejectedError);
  });

  it('is refused when it is torn, with a clear error', () => {
    const torn = { $personal: { subject: 's1' } } as unknown as Ciphertext;
    expect(() => decryptField(key, place, torn)).toThrow(CiphertextRejectedError);
  });
});

function flipped(ciphertext: Ciphertext, part: 'iv' | 'ct' | 'tag' | 'kc'): Ciphertext {
  const bytes = Buffer.from(ciphertext.$personal[part], 'base64url');
  bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
  return { $personal: { ...ciphertext.$personal, [part]: bytes.toString('base64url') } };
}
