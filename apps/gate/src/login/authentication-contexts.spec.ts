import { requestedContexts } from './authentication-contexts.js';

const MULTI = 'http://schemas.microsoft.com/claims/multipleauthn';
const connection = { authenticationContexts: { mfa: [MULTI, 'urn:acme:mfa'], none: [] } };

describe('an authentication context that an application needs', () => {
  it('is asked for by the words that this provider uses', () =>
    expect(requestedContexts('mfa', connection)).toEqual([MULTI, 'urn:acme:mfa']));

  it('goes on as it is where the connection has no other word for it', () =>
    expect(requestedContexts('urn:acme:strong phr', connection)).toEqual(['urn:acme:strong', 'phr']));

  it('is asked for once, however often it is named', () =>
    expect(requestedContexts(`mfa ${MULTI} mfa`, connection)).toEqual([MULTI, 'urn:acme:mfa']));

  it.each([undefined, '', '   ', 'none'])('is none where none is meant: %p', (asked) =>
    expect(requestedContexts(asked, connection)).toEqual([]),
  );

  it('takes names such as __proto__ for words, and nothing that could end a header or an attribute', () => {
    expect(requestedContexts('__proto__ constructor', connection)).toEqual(['__proto__', 'constructor']);
    expect(requestedContexts('a\u0000b \u00e9', connection)).toEqual([]);
  });

  it('asks for ten at most', () => {
    const many = Array.from({ length: 50 }, (_, index) => `urn:acme:${index}`).join(' ');
    expect(requestedContexts(many, connection)).toHaveLength(10);
  });
});
