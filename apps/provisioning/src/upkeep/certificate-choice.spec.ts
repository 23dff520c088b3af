/** Which certificates of metadata a connection takes when there are more than it can hold. */
import { certificateExpiry } from '#libs/federation';
import { createIdentityProviderKey } from '#libs/saml-idp';
import { CERTIFICATES_MAX, chosenCertificates } from './certificate-choice.js';

jest.setTimeout(60_000);

const now = new Date('2026-03-02T08:00:00.000Z');
const YEAR_MS = 365 * 86_400_000;

/** Begin so many years from now, and last ten. */
const BEGIN = { ended: -15, endedLately: -11, old: -9, current: -1, fresh: -0.1, next: 1, afterNext: 2, far: 5 };
type Name = keyof typeof BEGIN;
const pems = new Map<Name, string>();
beforeAll(async () => {
  for (const [name, years] of Object.entries(BEGIN)) {
    const key = await createIdentityProviderKey({ commonName: name, now: new Date(now.getTime() + years * YEAR_MS) });
    pems.set(name as Name, key.certificatePem);
  }
});

const pemsOf = (names: readonly Name[]) => names.map((name) => pems.get(name) as string);
const choice = (...names: Name[]) => {
  const chosen = chosenCertificates(pemsOf(names), now);
  return chosen.map((pem) => [...pems].find(([, each]) => each === pem)?.[0]);
};

it('all of them while they fit, in an order that does not depend on the publisher', () => {
  const expected = ['ended', 'old', 'current', 'next'];
  expect(choice('ended', 'old', 'current', 'next')).toEqual(expected);
  expect(choice('next', 'current', 'ended', 'old')).toEqual(expected);
});

it('those valid now first, then those that are soonest valid', () => {
  expect(choice('ended', 'far', 'afterNext', 'endedLately', 'next', 'fresh', 'current', 'old')).toEqual([
    'old',
    'current',
    'fresh',
    'next',
    'afterNext',
    'far',
  ]);
});

it('of those that ended, those that ended last', () => {
  expect(choice('ended', 'endedLately', 'old', 'current', 'fresh', 'next', 'afterNext')).toEqual(
    ['endedLately', 'old', 'current', 'fresh', 'next', 'afterNext'].slice(-CERTIFICATES_MAX),
  );
});

it('never more than a connection can hold', () => {
  const chosen = chosenCertificates(pemsOf(Object.keys(BEGIN) as Name[]), now);
  expect(chosen).toHaveLength(CERTIFICATES_MAX);
  expect(new Set(chosen.map((pem) => certificateExpiry(pem, now).sha256)).size).toBe(CERTIFICATES_MAX);
});
