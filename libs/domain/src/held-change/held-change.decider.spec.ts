import {
  type Asked,
  ada,
  at,
  bo,
  deciding,
  doneBy,
  type Fact,
  historyOf,
  nothing,
  olga,
  records,
  refuses,
  seededId,
} from '#libs/testing';
import type { ApproveChange, HoldChange, RefuseChange } from './held-change.commands.js';
import { heldChangeDecider } from './held-change.decider.js';

const changes = deciding(heldChangeDecider);
const change = seededId('change');
const VALID = '2026-03-09T08:00:00.000Z';
const about = {
  change,
  area: 'rules',
  kind: 'connection',
  target: 'okta',
  ofVersion: 4,
  changed: ['rules'],
  command: '{"type":"ConfigureConnection"}',
  people: [],
  approvalsNeeded: 1,
  reason: 'new team',
} as const;
const portal = { kind: 'key', id: seededId('portal') } as const;
const session = ({ account }: { account: string }) => ({ kind: 'account', id: account }) as const;

const fact = (type: string, data: object): Fact => ({
  category: 'heldChange',
  tenant: 'acme',
  id: change,
  event: () => ({ type, data: { change, ...data } }),
});
const held = (over: object = {}, by: { kind: 'account' | 'key'; id: string } = session(ada)) =>
  at(
    '2026-03-02T08:00:00.000Z',
    doneBy(by, fact('ChangeHeld', { ...about, requestedBy: `account:${ada.account}`, validUntil: VALID, ...over })),
  );
const approved = (by = olga, complete = true) =>
  fact('ChangeApproved', { by: `account:${by.account}`, via: 'session', complete, reason: null });
const refused = fact('ChangeRefused', { by: `account:${olga.account}`, via: 'session', code: 'refused', reason: 'no' });
const applied = fact('ChangeApplied', { events: [seededId('event')] });

const hold = (over: Partial<HoldChange['data']> = {}): Asked<HoldChange> => ({
  type: 'HoldChange',
  by: session(ada),
  data: { ...about, changed: ['rules'], people: [], onBehalfOf: null, validForMs: 7 * 86_400_000, ...over },
});
const ADMINISTRATORS = new Set([olga, bo].map(({ account }) => `account:${account}`));
const approve = (by: { account: string }, over: object = {}, sender: object = session(by)): Asked<ApproveChange> => ({
  type: 'ApproveChange',
  by: sender as never,
  data: {
    by: by.account,
    via: 'session',
    targetVersion: 4,
    reason: null,
    administrators: ADMINISTRATORS,
    approvalsWanted: 0,
    ...over,
  },
});
const refuse = (by: { account: string }, mayAdminister = true): Asked<RefuseChange> => ({
  type: 'RefuseChange',
  by: session(by),
  data: { by: by.account, via: 'session', mayAdminister, reason: 'not like this' },
});

describe('a change that needs a second person', () => {
  it('is kept with what it would do, and waits', () =>
    changes
      .given()
      .when({ ...hold(), at: '2026-03-02T08:00:00.000Z' })
      .then(records('ChangeHeld', { ...about, requestedBy: `account:${ada.account}`, validUntil: VALID })));

  it('asked for by a key that speaks for somebody is that person’s', () =>
    changes
      .given()
      .when({ ...hold({ onBehalfOf: ada.account }), by: portal })
      .then(records('ChangeHeld', { requestedBy: `account:${ada.account}` })));

  it('is approved of by somebody else', () =>
    changes
      .given(held())
      .when(approve(olga))
      .then(records('ChangeApproved', { by: `account:${olga.account}`, complete: true })));

  it('is approved of by as many as needed, each another person', () => {
    const two = held({ approvalsNeeded: 2 });
    changes
      .given(two)
      .when(approve(olga))
      .then(records('ChangeApproved', { complete: false }));
    changes.given(two, approved(olga, false)).when(approve(olga)).then(refuses('held-change-already-approved'));
    changes
      .given(two, approved(olga, false))
      .when(approve(bo))
      .then(records('ChangeApproved', { complete: true }));
  });

  it('is never approved of by who asked, in person or through a key', () => {
    changes.given(held()).when(approve(ada)).then(refuses('own-change'));
    changes.given(held({}, portal)).when(approve(ada)).then(refuses('own-change'));
    changes
      .given(held())
      .when(approve(ada, { via: 'apiKey' }, portal))
      .then(refuses('own-change'));
  });

  it('is never approved of through the key that filed it, whomever it speaks for', () => {
    const byKey = held({ requestedBy: `key:${portal.id}` }, portal);
    changes
      .given(byKey)
      .when(approve(olga, { via: 'apiKey' }, portal))
      .then(refuses('own-change'));
    changes.given(byKey).when(approve(olga)).then(records('ChangeApproved'));
  });

  it('is never approved of by who asked, whatever they come as: a key that they made, or an account that theirs became', () => {
    const madeBy = (maker: string) => new Map([[`key:${portal.id}`, maker]]);
    const own = `account:${ada.account}`;
    const byKey = held({ requestedBy: `key:${portal.id}` }, portal);
    changes
      .given(byKey)
      .when({ ...approve(ada), behind: madeBy(own) })
      .then(refuses('own-change'));
    changes
      .given(held())
      .when({ ...approve(olga, { via: 'apiKey' }, portal), behind: madeBy(own) })
      .then(refuses('own-change'));
    changes
      .given(held())
      .when({ ...approve(bo), behind: new Map([[own, `account:${bo.account}`]]) })
      .then(refuses('own-change'));
    const other = { kind: 'key', id: seededId('other') } as const;
    const oneMaker = new Map([...madeBy('key:root'), [`key:${other.id}`, 'key:root']]);
    changes
      .given(byKey)
      .when({ ...approve(olga, { via: 'apiKey' }, other), behind: oneMaker })
      .then(refuses('own-change'));
    changes
      .given(byKey)
      .when({ ...approve(olga, { via: 'apiKey' }, other), behind: madeBy(own) })
      .then(records('ChangeApproved'));
  });

  it('counts one person once, in person, through a key that they made, or as the account that theirs became', () => {
    const first = [held({ approvalsNeeded: 2 }), doneBy(session(olga), approved(olga, false))];
    const isOlga = (sender: string) => new Map([[sender, `account:${olga.account}`]]);
    changes
      .given(...first)
      .when({ ...approve(bo, { via: 'apiKey' }, portal), behind: isOlga(`key:${portal.id}`) })
      .then(refuses('held-change-already-approved'));
    changes
      .given(...first)
      .when({ ...approve(bo), behind: new Map([[`account:${olga.account}`, `account:${bo.account}`]]) })
      .then(refuses('held-change-already-approved'));
  });

  it('rests on nobody who may not approve any more, and needs as many as are wanted today', () => {
    const two = [held({ approvalsNeeded: 2 }), approved(olga, false)];
    changes
      .given(...two)
      .when(approve(bo, { administrators: new Set() }))
      .then(refuses('change-approver-gone'));
    changes
      .given(held())
      .when(approve(olga, { approvalsWanted: 2 }))
      .then(records('ChangeApproved', { complete: false }));
    changes
      .given(...two)
      .when(approve(bo, { approvalsWanted: 1 }))
      .then(records('ChangeApproved', { complete: true }));
  });

  it('is refused by administrators, and taken back by who asked whatever they are by now', () => {
    changes.given(held()).when(refuse(olga, false)).then(refuses('approver-not-admin'));
    changes
      .given(held())
      .when(refuse(ada, false))
      .then(records('ChangeRefused', { code: 'withdrawn' }));
  });

  it('is outdated when what would change has moved on, whoever approves then', () => {
    changes
      .given(held())
      .when(approve(olga, { targetVersion: 5 }))
      .then(records('ChangeRefused', { code: 'outdated', by: 'system:governance' }));
    changes
      .given(held({ ofVersion: null }))
      .when(approve(olga, { targetVersion: null }))
      .then(records('ChangeApproved'));
  });

  it('is refused by somebody else, or taken back by who asked', () => {
    changes
      .given(held())
      .when(refuse(olga))
      .then(records('ChangeRefused', { code: 'refused' }));
    changes
      .given(held())
      .when(refuse(ada))
      .then(records('ChangeRefused', { code: 'withdrawn' }));
  });

  it('lapses when nobody answers in time, and not before', () => {
    const lapse = (when: string) => ({ type: 'LapseChange', data: {}, at: when }) as const;
    changes.given(held()).when(lapse('2026-03-09T07:59:59.999Z')).then(nothing);
    changes
      .given(held())
      .when(lapse(VALID))
      .then(records('ChangeRefused', { code: 'lapsed', via: 'system' }));
    changes.given(held(), approved()).when(lapse(VALID)).then(nothing);
    changes
      .given(held())
      .when({ ...approve(olga), at: VALID })
      .then(refuses('held-change-not-open'));
  });

  it.each([
    ['approved', approved()],
    ['refused', refused],
  ])('that is %s is not answered again', (_status, answer) => {
    changes.given(held(), answer).when(approve(bo)).then(refuses('held-change-not-open'));
    changes.given(held(), answer).when(refuse(bo)).then(refuses('held-change-not-open'));
  });

  it('is made once it is approved of', () => {
    const made = { type: 'MarkApplied', data: { events: [seededId('event')] } } as const;
    changes.given(held(), approved()).when(made).then(records('ChangeApplied', made.data));
    changes.given(held(), approved(), applied).when(made).then(nothing);
    changes.given(held()).when(made).then(refuses('held-change-not-open'));
    changes.given(held(), refused).when(made).then(refuses('held-change-not-open'));
  });

  it('that was approved of is still outdated when its target moves before it is made', () => {
    const look = (targetVersion: number) => ({ type: 'OutdateChange', data: { targetVersion } }) as const;
    changes.given(held(), approved()).when(look(4)).then(nothing);
    changes
      .given(held(), approved())
      .when(look(5))
      .then(records('ChangeRefused', { code: 'outdated' }));
    changes.given(held(), approved(), applied).when(look(5)).then(nothing);
  });

  it('is looked for in vain where there is none', () =>
    changes.given().when(approve(olga)).then(refuses('held-change-not-found')));
});

describe('an emergency change', () => {
  const { command: _command, people: _people, ofVersion: _of, approvalsNeeded: _needed, ...rest } = about;
  const data = { ...rest, changed: ['rules'], events: [seededId('event')], reason: 'sign-in is down' };

  it('is recorded with who made it and why; nobody can answer it', () => {
    changes
      .given()
      .when({ type: 'RecordEmergency', by: session(ada), data: { ...data, onBehalfOf: null } })
      .then(records('EmergencyChangeRecorded', { ...data, by: `account:${ada.account}` }));
    const recorded = fact('EmergencyChangeRecorded', { ...data, by: `account:${ada.account}` });
    changes.given(recorded).when(approve(olga)).then(refuses('held-change-not-open'));
    expect(changes.given(recorded).state).toMatchObject({ status: 'applied', emergency: true });
  });
});

it('a held change stops at a fact that it does not know', () => {
  const [event] = historyOf(held());
  expect(() => heldChangeDecider.evolve(heldChangeDecider.initialState, { ...event, type: 'Other' } as never)).toThrow(
    'A held change cannot fold Other.',
  );
});
