import type { AccountEvent, ConnectionEvent } from '#libs/contracts';
import { fold, type RecordedEvent } from '#libs/kernel';
import {
  ada,
  assigned,
  at,
  by,
  byElevation,
  byHand,
  connectionChanged,
  connectionRegistered,
  type Fact,
  grantId,
  historyOf,
  linked,
  olga,
  profileUpdated,
  provisioned,
  revoked,
  rule,
  seededId,
  through,
} from '#libs/testing';
import { accountDecider } from '../account/account.decider.js';
import { ruleVersionSince, type TriggerContext, triggersOf, wentBefore } from './triggers.js';

type Recorded = RecordedEvent & AccountEvent;
const RULE_CHANGED = '2026-03-03T00:00:00.000Z';
const NEXT_DAY = '2026-03-04T09:00:00.000Z';
const secondVersion = by('okta', 'engineers', { rule: 2 });

/** What the last of these facts fires. */
function fired(facts: readonly Fact[], context: Partial<TriggerContext> = {}) {
  const history = historyOf(...facts) as Recorded[];
  return firedBy(history, history.at(-1) as Recorded, context);
}

function firedBy(history: readonly Recorded[], event: Recorded, context: Partial<TriggerContext> = {}) {
  const after = fold(accountDecider, history);
  const whole: TriggerContext = {
    isPrivileged: (role) => role.endsWith('.admin'),
    ruleSince: (_connection, _rule, version) => (version === 1 ? '2026-01-01T00:00:00.000Z' : RULE_CHANGED),
    ...wentBefore(history, event),
    ...context,
  };
  return Object.fromEntries(
    triggersOf(event, after, whole).map(({ trigger, grants }) => [trigger, grants.map(({ id }) => id)]),
  );
}

const before = [provisioned(ada), assigned(ada, 'wiki.reader')];
const reader = grantId(ada, 'crm.reader');
const admin = grantId(ada, 'crm.admin');

describe('a privileged role', () => {
  it.each([
    ['a rule', by('okta', 'engineers')],
    ['hand', byHand(olga)],
  ])('given by %s fires', (_how, source) =>
    expect(fired([...before, assigned(ada, 'crm.admin', source)])).toEqual({ privilegedRoleGranted: [admin] }),
  );

  it('given by an elevation was decided by its approval', () =>
    expect(fired([...before, assigned(ada, 'crm.admin', byElevation(seededId('e')))])).toEqual({}));

  it('is not any role', () => expect(fired([...before, assigned(ada, 'crm.reader')])).toEqual({}));

  it('fires also at the first sign-in', () =>
    expect(fired([provisioned(ada), assigned(ada, 'crm.admin')])).toEqual({ privilegedRoleGranted: [admin] }));
});

describe('a role given by a changed rule', () => {
  it('fires at the first sign-in after the change, for somebody who had signed in before it', () =>
    expect(fired([...before, at(NEXT_DAY, assigned(ada, 'crm.reader', secondVersion))])).toEqual({
      roleGrantedByChangedRule: [reader],
    }));

  it('does not fire when the connection has judged the person by that version before: then the person changed', () => {
    const judged = at('2026-03-03T10:00:00.000Z', profileUpdated(ada, { title: 'Lead' }));
    expect(fired([...before, judged, at(NEXT_DAY, assigned(ada, 'crm.reader', secondVersion))])).toEqual({});
  });

  it('does not fire for somebody whom the connection has never met', () => {
    const firstTime = assigned(ada, 'crm.reader', by('entra', 'staff', { rule: 2 }));
    expect(fired([...before, at(NEXT_DAY, firstTime)])).toEqual({ newConnectionGrant: [reader] });
    expect(fired([...before, linked(ada, 'entra', 'ada'), at(NEXT_DAY, firstTime)])).toEqual({
      newConnectionGrant: [reader],
      roleGrantedByChangedRule: [reader],
    });
  });

  it('does not fire for the first version of a rule', () =>
    expect(fired([...before, at(NEXT_DAY, assigned(ada, 'crm.reader'))])).toEqual({}));

  it('fires when nobody knows any more when the version came', () =>
    expect(fired([...before, assigned(ada, 'crm.reader', secondVersion)], { ruleSince: () => null })).toEqual({
      roleGrantedByChangedRule: [reader],
    }));

  it('does not take what the same sign-in says for an earlier word', () => {
    const history = historyOf(
      ...before,
      at(NEXT_DAY, profileUpdated(ada, { title: 'Lead' })),
      assigned(ada, 'crm.reader', secondVersion),
    ) as Recorded[];
    const last = history.at(-1) as Recorded;
    const together = history.map((event, index) =>
      index < 2 ? event : { ...event, metadata: { ...event.metadata, commandId: last.metadata.commandId } },
    );
    expect(firedBy(together, together.at(-1) as Recorded)).toEqual({ roleGrantedByChangedRule: [reader] });
  });
});

describe('a grant through a new connection', () => {
  it('fires once, with the first', () => {
    const first = [...before, assigned(ada, 'crm.reader', by('entra', 'staff'))];
    expect(fired(first)).toEqual({ newConnectionGrant: [reader] });
    expect(fired([...first, assigned(ada, 'wiki.editor', by('entra', 'writers'))])).toEqual({});
  });

  it('is not the first access that somebody has at all', () => {
    expect(fired([provisioned(ada), assigned(ada, 'crm.reader')])).toEqual({});
    const together = historyOf(
      provisioned(ada),
      assigned(ada, 'wiki.reader'),
      assigned(ada, 'crm.reader'),
    ) as Recorded[];
    const last = together.at(-1) as Recorded;
    const oneSignIn = together.map((event) => ({
      ...event,
      metadata: { ...event.metadata, commandId: last.metadata.commandId },
    }));
    expect(firedBy(oneSignIn, oneSignIn.at(-1) as Recorded)).toEqual({});
  });

  it('fires for somebody who had been given something by hand', () =>
    expect(fired([provisioned(ada), assigned(ada, 'wiki.reader', byHand(olga)), assigned(ada, 'crm.reader')])).toEqual({
      newConnectionGrant: [reader],
    }));

  it('does not fire again when what was given has ended since', () => {
    const gone = [...before, revoked(ada, 'wiki.reader')];
    expect(fired([...gone, assigned(ada, 'crm.reader')])).toEqual({});
  });

  it('is not a grant by hand', () =>
    expect(fired([provisioned(ada), assigned(ada, 'crm.reader', byHand(olga))])).toEqual({}));
});

describe('a person who changes', () => {
  const wiki = [grantId(ada, 'wiki.reader')];
  it.each([
    ['department', 'departmentChanged'],
    ['manager', 'managerChanged'],
    ['employeeType', 'employeeTypeChanged'],
  ])('their %s, fires for everything that they hold', (attribute, trigger) =>
    expect(fired([...before, profileUpdated(ada, { [attribute]: 'other' })])).toEqual({ [trigger]: wiki }),
  );

  it('in several ways, fires for each', () =>
    expect(fired([...before, profileUpdated(ada, { manager: 'bo', department: 'Finance' }, through('hr'))])).toEqual({
      departmentChanged: wiki,
      managerChanged: wiki,
    }));

  it('in other ways, fires nothing', () =>
    expect(fired([...before, profileUpdated(ada, { title: 'Lead', costCenter: '7' })])).toEqual({}));

  it('and holds nothing, gives no reason for a review', () => {
    expect(fired([provisioned(ada), profileUpdated(ada, { department: 'Finance' })])).toEqual({});
    const ended = assigned(ada, 'crm.admin', byHand(olga), { until: '2026-03-02T08:30:00.000Z' });
    const later = at(NEXT_DAY, profileUpdated(ada, { department: 'Finance' }));
    expect(fired([provisioned(ada), ended, later])).toEqual({});
  });
});

it('what ends access gives no reason for a review', () =>
  expect(fired([...before, revoked(ada, 'wiki.reader')])).toEqual({}));

describe('a version of a rule', () => {
  const engineers = (version: number) => rule('engineers', 'engineers', ['crm.reader'], version);
  const history = historyOf(
    connectionRegistered('okta', [engineers(1)]),
    at(RULE_CHANGED, connectionChanged('okta', [engineers(2)])),
    at(NEXT_DAY, connectionChanged('okta', [engineers(2), { ...engineers(1), id: 'leads' }])),
  ) as (RecordedEvent & ConnectionEvent)[];

  it.each([
    ['engineers', 1, '2026-03-02T08:00:00.000Z'],
    ['engineers', 2, RULE_CHANGED],
    ['leads', 1, NEXT_DAY],
    ['engineers', 3, null],
    ['nobody', 1, null],
  ])('%s@%i came at %s', (id, version, since) => expect(ruleVersionSince(history, id, version)).toBe(since));
});
