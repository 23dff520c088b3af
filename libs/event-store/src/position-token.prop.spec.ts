import fc from 'fast-check';
import { decodePositionToken, encodePositionToken, InvalidPositionTokenError } from './position-token.js';

describe('a position token', () => {
  it('gives back the position that it was made of', () =>
    fc.assert(
      fc.property(fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER }), (position) => {
        expect(decodePositionToken(encodePositionToken(position))).toBe(position);
      }),
    ));

  it('is refused when it is any other text', () =>
    fc.assert(
      fc.property(fc.string({ maxLength: 100, unit: 'binary' }), (text) => {
        expect(() => decodePositionToken(text)).toThrow(InvalidPositionTokenError);
      }),
    ));

  it.each([
    ['nothing', ''],
    ['a bare number', '12'],
    ['a position below the first', Buffer.from('p1:-2').toString('base64url')],
    ['a fraction', Buffer.from('p1:1.5').toString('base64url')],
    ['no position', Buffer.from('p1:').toString('base64url')],
    ['more than one spelling', Buffer.from('p1:07').toString('base64url')],
    ['padding', `${encodePositionToken(7)}=`],
    ['an endless text', 'A'.repeat(1_000_000)],
  ])('is refused when it holds %s', (_, text) => {
    expect(() => decodePositionToken(text)).toThrow(InvalidPositionTokenError);
  });
});
