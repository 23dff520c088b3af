import { uuidIn, uuidOf } from './protocol.js';

describe('a uuid of the protocol', () => {
  it.each([
    '00000000-0000-4000-8000-000000000001',
    'ffffffff-ffff-4fff-bfff-ffffffffffff',
    '7f8e2d3c-80a1-4bcd-9abc-123456789abc',
  ])('survives both forms: %s', (uuid) => {
    expect(uuidIn(uuidOf(uuid, 'text'))).toBe(uuid);
    expect(uuidIn(uuidOf(uuid, 'structured'))).toBe(uuid);
  });

  it('is two signed integers, the high half first', () => {
    const halves = uuidOf('ffffffff-ffff-ffff-0000-000000000002', 'structured').getStructured();
    expect([halves?.getMostSignificantBits(), halves?.getLeastSignificantBits()]).toEqual(['-1', '2']);
  });

  it('is read in lower case', () => {
    expect(uuidIn(uuidOf('ABCDEF00-0000-4000-8000-000000000001', 'text'))).toBe('abcdef00-0000-4000-8000-000000000001');
  });
});
