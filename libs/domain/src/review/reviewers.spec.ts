import type { Reviewer, ReviewScope } from '#libs/contracts';
import { by, byElevation, byHand, olga, seededId } from '#libs/testing';
import { type GrantInScope, inScope } from './review-scope.js';
import { giverOf, type ReviewerFacts, reviewersFor } from './reviewers.js';

const facts = (over: Partial<ReviewerFacts> = {}): ReviewerFacts => ({
  account: 'ada',
  approvedBy: new Set(),
  certifiedBy: [],
  selfReview: false,
  manager: 'olga',
  roleOwner: 'bo',
  applicationOwner: 'cy',
  resolve: (principal) => PEOPLE[principal] ?? null,
  ...over,
});
const PEOPLE: Readonly<Record<string, string>> = { 'dee@acme.example': 'dee', 'ada@acme.example': 'ada', ciso: 'eve' };
const part = (kind: Reviewer['kind'], principal: string | null = null): Reviewer => ({ kind, principal });
const stage = (reviewers: Reviewer[], fallback: string[] = ['ciso']) => ({ reviewers, fallback });

describe('the reviewers of a stage', () => {
  it.each([
    ['manager', 'olga'],
    ['roleOwner', 'bo'],
    ['applicationOwner', 'cy'],
  ] as const)('are found by their part: %s', (kind, account) =>
    expect(reviewersFor(stage([part(kind)]), facts())).toEqual({ reviewers: [account], reviewersAs: kind, flags: [] }),
  );

  it('are found by name', () =>
    expect(reviewersFor(stage([part('named', 'dee@acme.example')]), facts())).toMatchObject({
      reviewers: ['dee'],
      reviewersAs: 'named',
    }));

  it('are the first in order of preference that can be found', () => {
    const wanted = stage([part('named', 'nobody@acme.example'), part('manager'), part('roleOwner')]);
    expect(reviewersFor(wanted, facts())).toMatchObject({ reviewers: ['olga'], reviewersAs: 'manager' });
    expect(reviewersFor(wanted, facts({ manager: null }))).toMatchObject({ reviewers: ['bo'] });
  });

  it.each<[string, Partial<ReviewerFacts>]>([
    ['holds it themselves', { manager: 'ada' }],
    ['gave or approved it', { approvedBy: new Set(['olga']) }],
    ['certified an earlier stage', { certifiedBy: ['olga'] }],
  ])('leave out whoever %s', (_why, over) =>
    expect(reviewersFor(stage([part('manager'), part('roleOwner')]), facts(over))).toMatchObject({ reviewers: ['bo'] }),
  );

  it('are everybody of the fallback who may decide, when nobody else does', () => {
    const wanted = stage([part('manager')], ['ciso', 'ada@acme.example', 'nobody', 'dee@acme.example', 'ciso']);
    expect(reviewersFor(wanted, facts({ manager: null }))).toEqual({
      reviewers: ['eve', 'dee'],
      reviewersAs: 'fallback',
      flags: [],
    });
  });

  it('are nobody, said so, when nobody may', () =>
    expect(reviewersFor(stage([part('self')], ['ada@acme.example']), facts())).toEqual({
      reviewers: [],
      reviewersAs: 'nobody',
      flags: [],
    }));

  it('are the holders themselves only where the policy lets them, and that is flagged', () => {
    const self = stage([part('self'), part('manager')]);
    expect(reviewersFor(self, facts())).toMatchObject({ reviewers: ['olga'] });
    expect(reviewersFor(self, facts({ selfReview: true, approvedBy: new Set(['ada']) }))).toEqual({
      reviewers: ['ada'],
      reviewersAs: 'self',
      flags: ['ownGrant', 'approvedByReviewer'],
    });
  });

  it('are never more than an item can name', () => {
    const many = Array.from({ length: 60 }, (_, index) => `person-${index}`);
    expect(reviewersFor(stage([], many), facts({ resolve: (name) => name })).reviewers).toHaveLength(50);
  });
});

describe('who gave a grant', () => {
  it('is known of grants by hand, also through a key', () => {
    expect(giverOf(byHand(olga))).toBe(`account:${olga.account}`);
    expect(giverOf({ ...byHand(olga), actor: `key:${seededId('k')}` })).toBe(`key:${seededId('k')}`);
  });
  it.each([
    ['rules', by('okta', 'engineers')],
    ['elevations', byElevation(seededId('e'))],
    ['nobody', null],
  ])('is nobody of those by %s', (_who, source) => expect(giverOf(source)).toBeNull());
});

describe('the scope of a review', () => {
  const everything: ReviewScope = {
    roles: [],
    applications: [],
    people: [],
    connections: [],
    privileged: false,
    orphans: false,
  };
  const grant: GrantInScope = {
    role: 'crm.admin',
    application: 'crm',
    privileged: true,
    account: 'ada',
    connection: 'okta',
    orphan: false,
  };
  const fits = (scope: Partial<ReviewScope>, over: Partial<GrantInScope> = {}, people: string[] = []) =>
    inScope({ ...everything, ...scope }, { ...grant, ...over }, new Set(people));

  it('is everything when it says nothing', () => expect(fits({}, { connection: null, privileged: false })).toBe(true));

  it.each<[string, Partial<ReviewScope>, Partial<GrantInScope>]>([
    ['role', { roles: ['crm.reader', 'crm.admin'] }, { role: 'crm.owner' }],
    ['application', { applications: ['crm'] }, { application: 'wiki' }],
    ['connection', { connections: ['okta'] }, { connection: 'entra' }],
    ['connection, where no rule gave it,', { connections: ['okta'] }, { connection: null }],
    ['privilege', { privileged: true }, { privileged: false }],
  ])('is bound by %s', (_what, scope, other) => {
    expect(fits(scope)).toBe(true);
    expect(fits(scope, other)).toBe(false);
  });

  it('is bound to orphans', () => {
    expect(fits({ orphans: true })).toBe(false);
    expect(fits({ orphans: true }, { orphan: true })).toBe(true);
  });

  it('is bound to people, and to nobody when none of them could be found', () => {
    const people = { people: ['ada@acme.example'] };
    expect(fits(people, {}, ['ada'])).toBe(true);
    expect(fits(people, {}, ['bo'])).toBe(false);
    expect(fits(people)).toBe(false);
  });

  it('asks for every part', () => {
    expect(fits({ applications: ['crm'], connections: ['entra'] })).toBe(false);
    expect(fits({ applications: ['crm'], connections: ['okta'] })).toBe(true);
  });
});
