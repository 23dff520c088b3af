import type { PolicyState } from '#libs/domain';
import type { StandingGrant } from '../../histories/standing-grants.queries.js';
import { conflictsHeld, isAbout, sodPolicies } from './sod-conflicts.js';
import type { ExceptionOnRecord } from './sod-records.fold.js';

/** Goal: what is held against a policy, by which two grants it began, and what of it is excused. */

const day = (n: number) => `2026-03-${String(n).padStart(2, '0')}T08:00:00.000Z`;
const NOW = day(20);

const policy = (id: string, roles: string[][], enabled = true): PolicyState => ({
  id,
  status: 'present',
  version: 3,
  enabled,
  settings: { kind: 'sod', roles, mode: 'detective', owner: null },
  managedBy: 'api',
  since: day(1),
  scheduledSince: day(1),
});
const pay = policy('maker-checker', [['create', 'draft'], ['approve'], ['audit']]);

let position = 0;
const grant = (role: string, from: string): StandingGrant => {
  position += 1;
  return {
    grant: `grant-${position}`,
    account: 'ada',
    role,
    source_kind: 'manual',
    source_connection: null,
    source_rule: null,
    source_rule_version: null,
    source_actor: 'account:olga',
    valid_from: new Date(from),
    granted_pos: position,
    granted_event: `event-${position}`,
  };
};
const exception = (sets: string[][], until = day(30)): ExceptionOnRecord => ({
  exception: 'e',
  policy: pay.id,
  account: 'ada',
  sets,
  owner: 'olga',
  control: 'a second signature',
  until,
  by: null,
  reason: 'alone in August',
  grantedAt: day(1),
  event: 'event',
  position: 1,
  ended: false,
});

beforeEach(() => {
  position = 0;
});

it('is none without two roles of different sets', () => {
  expect(
    conflictsHeld([pay], [grant('create', day(1)), grant('draft', day(2)), grant('read', day(3))], [], NOW),
  ).toEqual([]);
  expect(sodPolicies([pay, policy('off', [['a'], ['b']], false)])).toEqual([pay]);
});

it('names every grant of its roles, and the two that were together first', () => {
  const grants = [grant('audit', day(9)), grant('create', day(5)), grant('create', day(1)), grant('approve', day(3))];
  const [conflict] = conflictsHeld([pay], grants, [], NOW);

  expect(conflict?.roles).toEqual(['approve', 'audit', 'create']);
  expect(conflict?.grants.map(({ grant }) => grant)).toEqual(['grant-4', 'grant-1', 'grant-2', 'grant-3']);
  expect(conflict?.pair).toMatchObject({
    first: { grant: 'grant-3' },
    second: { grant: 'grant-4' },
    since: new Date(day(3)),
  });
  expect(conflict?.excused).toBe(false);
});

it('is excused when an exception is for all that is held together', () => {
  const held = [grant('create', day(1)), grant('approve', day(3))];
  const excused = (...open: ExceptionOnRecord[]) => conflictsHeld([pay], held, open, NOW)[0]?.excused;

  expect(excused(exception([['create'], ['approve']]))).toBe(true);
  expect(excused(exception([['create'], ['audit']]))).toBe(false);
  expect(excused({ ...exception([['create'], ['approve']]), policy: 'another' })).toBe(false);
});

describe('what is on record of a conflict', () => {
  const held = (...grants: readonly StandingGrant[]) => grants.map(({ role, grant }) => ({ role, grant, event: null }));
  const conflictOf = (grants: readonly StandingGrant[], ...open: ExceptionOnRecord[]) => {
    const [conflict] = conflictsHeld([pay], grants, open, NOW);
    if (!conflict) throw new Error('These grants do not conflict.');
    return conflict;
  };
  const [create, approve, audit] = [grant('create', day(1)), grant('approve', day(2)), grant('audit', day(3))];
  const anew = { ...approve, grant: 'another grant' };

  it.each([
    { status: 'accepted', by: 'the same grants', now: [create, approve], is: true },
    { status: 'accepted', by: 'the same roles by another grant', now: [create, anew], is: true },
    { status: 'accepted', by: 'a further role', now: [create, approve, audit], is: false },
    { status: 'resolved', by: 'the same grants', now: [create, approve], is: true },
    { status: 'resolved', by: 'the same roles by another grant', now: [create, anew], is: false },
    { status: 'resolved', by: 'a further grant', now: [create, approve, anew], is: false },
    { status: 'open', by: 'others', now: [create, anew, audit], is: true },
  ] as const)('is said of what is held now, $status and made up by $by: $is', ({ status, now, is }) =>
    expect(isAbout({ status, held: held(create, approve) }, conflictOf(now))).toBe(is),
  );

  it('leaves out what an exception is for', () => {
    const now = conflictOf([create, approve, audit], exception([['create', 'approve'], ['audit']]));

    expect(now.unexcused).toEqual([approve, create]);
    expect(isAbout({ status: 'accepted', held: held(create, approve) }, now)).toBe(true);
    expect(isAbout({ status: 'resolved', held: held(create, approve) }, now)).toBe(true);
  });

  it('names no more than its limit of grants', () => {
    const many = [create, approve, ...Array.from({ length: 300 }, (_, n) => ({ ...approve, grant: `many ${n}` }))];

    expect(isAbout({ status: 'resolved', held: held(...many.slice(0, 200)) }, conflictOf(many))).toBe(true);
    expect(isAbout({ status: 'resolved', held: held(...many.slice(0, 199)) }, conflictOf(many))).toBe(false);
  });
});
