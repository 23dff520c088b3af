import { transactionSecrets } from './transaction-secrets.js';

const token = 't'.repeat(43);

describe('what a sign-in promises to the provider', () => {
  it('is long enough for the standard, and in its alphabet', () => {
    const { nonce, codeVerifier } = transactionSecrets('one', token);
    expect(codeVerifier).toMatch(/^[A-Za-z0-9._~-]{43,128}$/);
    expect(nonce).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it('follows from the browser’s cookie and the sign-in, so that nothing of it has to be kept', () => {
    expect(transactionSecrets('one', token)).toEqual(transactionSecrets('one', token));
  });

  it('is another for every cookie, every sign-in, and each of the two', () => {
    const all = [
      transactionSecrets('one', token),
      transactionSecrets('two', token),
      transactionSecrets('one', 'u'.repeat(43)),
    ].flatMap(({ nonce, codeVerifier }) => [nonce, codeVerifier]);
    expect(new Set(all).size).toBe(6);
    expect(all.some((secret) => secret.includes(token.slice(0, 8)))).toBe(false);
  });
});
