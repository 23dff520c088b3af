/** What becomes of a finding: raised, decided about, resolved, and raised again. */
import { type Asked, deciding, type Fact, nothing, records, refuses, seededId } from '#libs/testing';
import type {
  AcceptFinding,
  FindingDecider,
  RaiseFinding,
  RaiseSodViolation,
  ResolveFinding,
} from './finding.commands.js';
import { findingDecider } from './finding.decider.js';

const finding = deciding(findingDecider);
const id = seededId('finding');
const ada = seededId('ada');
const olga = seededId('olga');
const grants = { create: seededId('grant create'), approve: seededId('grant approve'), other: seededId('grant other') };
const NOW = '2026-03-02T12:00:00.000Z';
const TOMORROW = '2026-03-03T12:00:00.000Z';

const dormant: RaiseFinding['data'] = {
  finding: id,
  kind: 'dormant',
  code: 'no-sign-in',
  policy: 'dormant-90',
  policyVersion: 1,
  account: ada,
  grant: null,
  role: null,
  connection: null,
  event: null,
  since: '2025-12-01T08:00:00.000Z',
  details: {},
  owner: olga,
};
const violation: RaiseSodViolation['data'] = {
  finding: id,
  policy: 'maker-checker',
  policyVersion: 1,
  account: ada,
  held: [
    { role: 'pay.create', grant: grants.create, event: null },
    { role: 'pay.approve', grant: grants.approve, event: null },
  ],
  owner: olga,
};
const petra = seededId('petra');
const administrator: FindingDecider = { by: petra, via: 'session', mayAdminister: true };
const owner: FindingDecider = { by: olga, via: 'session', mayAdminister: false };
const stranger: FindingDecider = { by: seededId('eve'), via: 'session', mayAdminister: false };

const happened = (type: string, data: object): Fact => ({
  category: 'finding',
  tenant: 'acme',
  id,
  event: () => ({ type, data }),
});
const raised = happened('FindingRaised', dormant);
const detected = happened('SodViolationDetected', violation);
const decided = { finding: id, account: dormant.account, by: olga, via: 'session', reason: 'known' };
const accepted = (until = TOMORROW) => happened('FindingAccepted', { ...decided, until });
const resolved = (code: string) => happened('FindingResolved', { ...decided, code, event: null });
const acted = happened('FindingActedUpon', { finding: id, action: 'review', review: seededId('review'), event: null });

describe('raising', () => {
  it('records what stands out', () => finding.given().when(raise()).then(records('FindingRaised', dormant)));

  it('changes nothing while the finding is open', () => finding.given(raised).when(raise()).then(nothing));

  it('records it again when it comes back', () =>
    finding.given(raised, resolved('gone')).when(raise()).then(records('FindingRaised')));

  it('leaves closed what somebody closed by hand', () =>
    finding.given(raised, resolved('by-hand')).when(raise()).then(nothing));

  it('records again what was closed by hand when something new shows it', () =>
    finding
      .given(raised, resolved('by-hand'))
      .when(raise({ since: '2026-01-01T08:00:00.000Z' }))
      .then(records('FindingRaised', { since: '2026-01-01T08:00:00.000Z' })));

  it('compares details only where neither an event nor an instant shows it', () => {
    const timeless = { since: null, details: { manager: 'unknown' } };
    const closed = [happened('FindingRaised', { ...dormant, ...timeless }), resolved('by-hand')];
    finding
      .given(raised, resolved('by-hand'))
      .when(raise({ details: { days: 100 } }))
      .then(nothing);
    finding
      .given(...closed)
      .when(raise(timeless))
      .then(nothing);
    finding
      .given(...closed)
      .when(raise({ since: null, details: {} }))
      .then(records('FindingRaised'));
  });

  it('waits until an acceptance is over, to the instant', () => {
    const known = finding.given(raised, accepted());
    known.when(raise({}, '2026-03-03T11:59:59.999Z')).then(nothing);
    known.when(raise({}, TOMORROW)).then(records('FindingRaised'));
  });
});

describe('a violation of segregation of duties', () => {
  it('is recorded with what gives each role', () =>
    finding.given().when(violate()).then(records('SodViolationDetected', violation)));

  it('is no news while the same grants make it up, in whatever order', () =>
    finding
      .given(detected)
      .when(violate({ held: violation.held.toReversed() }))
      .then(nothing));

  it('is recorded anew when other grants make it up: both chains of why are those of today', () =>
    finding
      .given(detected)
      .when(violate({ held: otherGrant() }))
      .then(records('SodViolationDetected', { held: otherGrant() })));

  it('stays accepted for the same roles, and for no others', () => {
    const known = finding.given(detected, accepted());
    known.when(violate({ held: otherGrant() })).then(nothing);
    const further = [...violation.held, { role: 'pay.audit', grant: grants.other, event: null }];
    known.when(violate({ held: further })).then(records('SodViolationDetected'));
  });
});

describe('deciding about a finding', () => {
  it('is for its owner and for administrators', () => {
    finding
      .given(raised)
      .when(accept(owner))
      .then(records('FindingAccepted', { by: olga, until: TOMORROW, account: dormant.account }));
    finding
      .given(raised)
      .when(accept(administrator))
      .then(records('FindingAccepted', { by: petra }));
    finding.given(raised).when(accept(stranger)).then(refuses('finding-not-yours'));
    finding
      .given(raised)
      .when(accept({ by: null, via: 'apiKey', mayAdminister: false }))
      .then(refuses('finding-not-yours'));
  });

  it('is for the new owner once it was assigned', () => {
    const assigned = happened('FindingAssigned', { ...decided, owner: petra });
    finding.given(raised, assigned).when(accept(owner)).then(refuses('finding-not-yours'));
    finding
      .given(raised, assigned)
      .when(accept({ ...owner, by: petra }))
      .then(records('FindingAccepted'));
  });

  it.each([
    ['already past', NOW],
    ['more than 366 days ahead', '2027-03-03T12:00:00.001Z'],
  ])('accepts nothing until an instant %s', (_, until) =>
    finding
      .given(raised)
      .when({ ...accept(owner), data: { ...accept(owner).data, until } })
      .then(refuses('invalid-acceptance-end')),
  );

  it('accepts for 366 days at most', () => {
    const until = '2027-03-03T12:00:00.000Z';
    finding
      .given(raised)
      .when({ ...accept(owner), data: { ...accept(owner).data, until } })
      .then(records('FindingAccepted', { until }));
  });

  it('assigns once, also to nobody', () => {
    finding
      .given(raised)
      .when(assign(petra))
      .then(records('FindingAssigned', { owner: petra, account: dormant.account }));
    finding
      .given(raised, happened('FindingAssigned', { ...decided, owner: petra }))
      .when(assign(petra))
      .then(nothing);
    finding
      .given(raised)
      .when(assign(null))
      .then(records('FindingAssigned', { owner: null }));
  });

  it('needs a finding that is there and not resolved', () => {
    finding.given().when(accept(administrator)).then(refuses('finding-not-found'));
    finding.given(raised, resolved('gone')).when(accept(administrator)).then(refuses('finding-resolved'));
    finding.given(raised, resolved('gone')).when(resolve('by-hand', administrator)).then(refuses('finding-resolved'));
  });
});

describe('resolving', () => {
  it('closes what holds no more, once', () => {
    finding
      .given(raised)
      .when(resolve('gone'))
      .then(records('FindingResolved', { code: 'gone' }));
    finding.given(raised, accepted()).when(resolve('policy-ended')).then(records('FindingResolved'));
    finding.given(raised, resolved('gone')).when(resolve('gone')).then(nothing);
  });

  it('by hand is for its owner and for administrators', () => {
    finding
      .given(raised)
      .when(resolve('by-hand', owner))
      .then(records('FindingResolved', { code: 'by-hand', by: olga }));
    finding.given(raised).when(resolve('by-hand', stranger)).then(refuses('finding-not-yours'));
  });
});

describe('whom a finding is about', () => {
  const herself: FindingDecider = { by: ada, via: 'session', mayAdminister: false };
  const asAdministrator: FindingDecider = { ...herself, mayAdminister: true };
  const made = happened('FindingAssigned', { ...decided, owner: ada });

  it('neither accepts nor closes nor passes it on, whatever else they may do', () => {
    for (const decider of [herself, asAdministrator]) {
      finding.given(raised, made).when(accept(decider)).then(refuses('own-finding'));
      finding.given(raised, made).when(resolve('by-hand', decider)).then(refuses('own-finding'));
      finding
        .given(raised)
        .when({ type: 'AssignFinding', data: { ...decider, owner: olga, reason: null } })
        .then(refuses('own-finding'));
    }
  });

  it('has no say through a key that they made either, nor as the account that theirs became', () => {
    const byKey: FindingDecider = { by: null, via: 'apiKey', mayAdminister: true };
    const key = { kind: 'key', id: seededId('key of ada') } as const;
    const behind = new Map([[`key:${key.id}`, `account:${ada}`]]);
    for (const asked of [accept(byKey), resolve('by-hand', byKey)]) {
      finding
        .given(raised)
        .when({ ...asked, by: key, behind })
        .then(refuses('own-finding'));
      expect(finding.given(raised).when({ ...asked, by: key }).events).toHaveLength(1);
    }
    finding
      .given(raised)
      .when({ ...accept({ ...asAdministrator, by: olga }), behind: new Map([[`account:${ada}`, `account:${olga}`]]) })
      .then(refuses('own-finding'));
  });

  it('is never made the one who answers for it', () => {
    finding.given(raised).when(assign(ada)).then(refuses('own-finding'));
    finding
      .given(raised)
      .when(assign(olga))
      .then(records('FindingAssigned', { owner: olga }));
  });
});

describe('what a policy does about a finding', () => {
  const act = {
    type: 'RecordFindingAction',
    data: { action: 'review', review: seededId('review'), event: null },
  } as const;

  it('is recorded once, and once more when it was raised again', () => {
    finding
      .given(raised)
      .when(act)
      .then(records('FindingActedUpon', { action: 'review' }));
    finding.given(raised, acted).when(act).then(nothing);
    finding.given(raised, acted, resolved('gone'), raised).when(act).then(records('FindingActedUpon'));
  });
});

describe('who answers for a finding that is raised again', () => {
  it('is whom somebody chose while it was known, and found anew when it had been resolved', () => {
    const chosen = happened('FindingAssigned', { ...decided, owner: ada });
    expect(finding.given(raised, chosen, accepted(), raised).state.owner).toBe(ada);
    expect(finding.given(raised, chosen, resolved('gone'), raised).state.owner).toBe(olga);
  });
});

it('the fold of a finding stops at a fact that it does not know', () =>
  expect(() => finding.given(happened('FindingLost', {}))).toThrow());

function raise(over: Partial<RaiseFinding['data']> = {}, at = NOW): Asked<RaiseFinding> {
  return { type: 'RaiseFinding', data: { ...dormant, ...over }, at };
}

function violate(over: Partial<RaiseSodViolation['data']> = {}): Asked<RaiseSodViolation> {
  return { type: 'RaiseSodViolation', data: { ...violation, ...over }, at: NOW };
}

function otherGrant() {
  return violation.held.map((each) => (each.role === 'pay.create' ? { ...each, grant: grants.other } : each));
}

function accept(decider: FindingDecider): Asked<AcceptFinding> {
  return {
    type: 'AcceptFinding',
    data: { ...decider, until: TOMORROW, reason: 'known' },
    at: '2026-03-02T12:00:00.000Z',
  };
}

function assign(to: string | null) {
  return { type: 'AssignFinding' as const, data: { ...administrator, owner: to, reason: null } };
}

function resolve(
  code: ResolveFinding['data']['code'],
  decider: FindingDecider = { by: null, via: 'system', mayAdminister: false },
) {
  return { type: 'ResolveFinding' as const, data: { ...decider, code, event: null, reason: null } };
}
