import { anomaliesIn } from './anomalies.js';
import type { Evidence, LoggedEvent, TopicRecord } from './evidence.js';

// The check that judges a run under faults must itself be able to find them: each case plants one.

let position = 0;
const event = (type: string, stream: string, revision: number, data: object, tenant = 'acme'): LoggedEvent => ({
  id: `id-${position}`,
  type,
  tenant,
  stream,
  revision,
  position: position++,
  tenantPosition: position - 1,
  data,
});

const events: readonly LoggedEvent[] = [
  event('SignedIn', 'signIn-acme+1', 0, { account: 'ada', proof: { assertionId: 'a1' } }),
  event('UserProvisioned', 'account-acme+ada', 0, { account: 'ada', profile: { userName: 'ada@acme.example' } }),
  event('RolesAssigned', 'account-acme+ada', 1, {
    account: 'ada',
    grants: [
      { id: 'g1', role: 'r' },
      { id: 'g2', role: 's' },
    ],
  }),
  event('AccessRevoked', 'account-acme+ada', 2, { account: 'ada', grants: [{ id: 'g2', role: 's' }] }),
  event('UserDeactivated', 'account-acme+ada', 3, { account: 'ada' }),
  event('UserReactivated', 'account-acme+ada', 4, { account: 'ada' }),
];
const topic: readonly TopicRecord[] = [
  ...events.map(({ id, position: at }) => ({ partition: at % 2, id, position: at, sequence: Math.floor(at / 2) })),
  { partition: 0, id: 'id-2', position: 2, sequence: 1 }, // published again by the next relay
  { partition: 0, id: null, position: 4, sequence: 2 },
];
const healthy: Evidence = {
  settled: true,
  events,
  verification: { problems: 0, pending: 0 },
  access: new Map([['acme', [{ id: 'g1', role: 'r', account: 'ada' }]]]),
  rebuildDifferences: 0,
  parked: 0,
  signIns: [{ assertionId: 'a1', userName: 'ada@acme.example' }],
  changes: [
    { account: 'ada', type: 'UserDeactivated' },
    { account: 'ada', type: 'UserReactivated' },
  ],
  remembered: [{ query: '/access', first: { items: [] }, again: { items: [] } }],
  topic,
  alarms: [],
};
const without = (index: number) => events.filter((_, at) => at !== index);
const grant = { id: 'g1', role: 'r', account: 'ada' };

describe('what must hold after every fault', () => {
  it('holds where nothing went wrong', () => expect(anomaliesIn(healthy)).toEqual([]));

  it.each<[string, Partial<Evidence>, RegExp]>([
    ['an event is gone from the middle', { events: without(2) }, /position 2 is missing/],
    ['an event stands twice', { events: [...events, events[5] as LoggedEvent] }, /missing or doubled|second event id/],
    ['an acknowledged sign-in is gone', { events: events.slice(1) }, /sign-in of ada@acme.example is not in the log/],
    [
      'an assertion counted twice',
      { events: [...events, { ...(events[0] as LoggedEvent), id: 'x' }] },
      /a1 signed in 2/,
    ],
    [
      'two accounts for one person',
      { events: [...events, { ...(events[1] as LoggedEvent), id: 'y' }] },
      /second account/,
    ],
    ['a command took effect twice', { changes: healthy.changes.slice(1) }, /UserDeactivated of ada: acknowledged 0/],
    ['an acknowledged change is gone', { changes: [...healthy.changes, ...healthy.changes] }, /recorded 1 times/],
    ['the read model lacks a grant', { access: new Map([['acme', []]]) }, /lacks r of ada/],
    ['the read model invents a grant', { access: new Map([['acme', [grant, { ...grant, id: 'g2' }]]]) }, /invents/],
    ['a grant of another tenant', { access: new Map([['globex', [grant]]]) }, /another tenant/],
    ['an old answer has changed', { remembered: [{ query: '/q', first: 1, again: 2 }] }, /answer to \/q has changed/],
    ['a hash differs', { verification: { problems: 1, pending: 0 } }, /differ from the store/],
    ['an event was not sealed', { verification: { problems: 0, pending: 2 } }, /not sealed/],
    ['a rebuild differs', { rebuildDifferences: 1 }, /rebuild/],
    ['a stream is parked', { parked: 1 }, /parked/],
    [
      'the broker swallowed an event in the middle',
      { topic: topic.filter(({ id }) => id !== 'id-2') },
      /lacks 1 events/,
    ],
    ['the broker swallowed the last event', { topic: topic.filter(({ id }) => id !== 'id-5') }, /not on the topic/],
    ['a tick is ahead of the records', { topic: topic.filter(({ id }) => id !== 'id-4') }, /a tick of partition 0/],
    ['the topic is out of order', { topic: [...topic].sort((a, b) => b.position - a.position) }, /lacks|late|order/],
    ['the read model stands still', { settled: false }, /did not reach/],
    ['a consumer stopped', { alarms: ['a sequence is missing'] }, /a consumer stopped: a sequence is missing/],
  ])('is found broken when %s', (_what, change, line) =>
    expect(anomaliesIn({ ...healthy, ...change }).join('\n')).toMatch(line),
  );
});
