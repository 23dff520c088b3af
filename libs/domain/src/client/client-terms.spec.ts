import { type ClientTerms, meetsTerms } from './client-terms.js';

const terms = (over: Partial<ClientTerms> = {}): ClientTerms => ({
  rolesOf: 'crm',
  admitWithoutRole: false,
  requireAuthenticationContext: [],
  ...over,
});
const needs = (...requireAuthenticationContext: string[]) => terms({ requireAuthenticationContext });

describe('what was given on earlier terms', () => {
  it.each<[string, ClientTerms, ClientTerms]>([
    ['they stayed', needs('mfa'), needs('mfa')],
    ['no context is required any more', needs('mfa'), needs()],
    ['another context will do as well', needs('mfa'), needs('hardware', 'mfa')],
    ['people without a role are admitted now', terms(), terms({ admitWithoutRole: true })],
  ])('is still good when %s', (_why, given, now) => expect(meetsTerms(given, now)).toBe(true));

  it.each<[string, ClientTerms, ClientTerms]>([
    ['a context is required now', needs(), needs('mfa')],
    ['one of the contexts will not do any more', needs('mfa', 'password'), needs('mfa')],
    ['people without a role are not admitted any more', terms({ admitWithoutRole: true }), terms()],
    ['it is the roles of another application that count', terms(), terms({ rolesOf: 'wiki' })],
  ])('is not good when %s', (_why, given, now) => expect(meetsTerms(given, now)).toBe(false));
});
