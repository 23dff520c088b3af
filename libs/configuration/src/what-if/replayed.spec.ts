/** What a recorded sign-in would have come to under other settings of its connection. */
import { connectionSettings, presented, rule } from '#libs/testing';
import { replayed } from './replayed.js';

type Over = Parameters<typeof connectionSettings>[0];
const engineers = rule('engineers', 'engineers', ['crm.reader', 'wiki.reader']);
const sales = rule('sales', 'sales', ['crm.reader']);
const side = (over: Over = {}) => ({
  enabled: true,
  settings: connectionSettings(over),
  ownedDomains: ['acme.example'],
  liveRoles: null,
});
const ada = (...groups: string[]) =>
  presented({ claims: { email: ['ada@acme.example'], groups }, subject: { value: 'ada@acme.example', format: null } });
const admitted = { before: null, after: null };

it('tells the roles that rules would give and would not give any more', () => {
  const outcome = replayed(ada('engineers', 'sales'), side({ rules: [engineers] }), side({ rules: [sales] }));
  expect(outcome).toEqual({ refusal: admitted, gained: [], lost: ['wiki.reader'] });
  expect(replayed(ada('sales'), side({ rules: [] }), side({ rules: [sales] }))).toMatchObject({
    gained: ['crm.reader'],
  });
});

it('finds nothing where another rule gives the same', () =>
  expect(
    replayed(ada('engineers', 'sales'), side({ rules: [engineers] }), side({ rules: [engineers, sales] })),
  ).toEqual({
    refusal: admitted,
    gained: [],
    lost: [],
  }));

it('takes nothing where the groups would be unknown', () => {
  const elsewhere = side({ rules: [engineers], groups: { attribute: 'memberOf' } });
  expect(replayed(ada('engineers'), side({ rules: [engineers] }), elsewhere)).toMatchObject({ lost: [] });
  const none = side({ rules: [engineers], groups: { attribute: 'memberOf', whenMissing: 'none' } });
  expect(replayed(ada('engineers'), side({ rules: [engineers] }), none)).toMatchObject({
    lost: ['crm.reader', 'wiki.reader'],
  });
});

it('tells who would be turned away, or let in, and nothing else of them', () => {
  const [open, closed] = [side({ rules: [sales] }), side({ admission: { requireGroup: ['engineers'] } })];
  const refused = expect.objectContaining({ code: 'group-required' });
  expect(replayed(ada('sales'), open, closed)).toEqual({
    refusal: { before: null, after: refused },
    gained: [],
    lost: [],
  });
  expect(replayed(ada('sales'), closed, open)).toEqual({
    refusal: { before: refused, after: null },
    gained: [],
    lost: [],
  });
});
