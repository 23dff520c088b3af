import fc from 'fast-check';
import { parseStreamName, streamName } from './stream-name.js';

const category = fc.stringMatching(/^[a-z][A-Za-z]{0,15}$/);
const tenant = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,20}$/);
const id = fc.stringMatching(/^[A-Za-z0-9+._-]{1,40}$/);

describe('the name of a stream', () => {
  it('comes apart into what it was made of, whatever dashes and pluses the parts hold', () =>
    fc.assert(
      fc.property(category, tenant, id, (...[a, b, c]) => {
        const parts = { category: a, tenant: b, id: c };
        expect(parseStreamName(streamName(parts))).toEqual(parts);
      }),
    ));

  it('reads category-tenant+id', () =>
    expect(streamName({ category: 'apiKey', tenant: 'acme-eu', id: '1' })).toBe('apiKey-acme-eu+1'));

  it.each(['', 'account', 'account-acme', '-acme+1', 'account-+1', 'account-acme+', 'account+1-acme'])(
    'is not %j',
    (text) => expect(() => parseStreamName(text)).toThrow(TypeError),
  );
});
