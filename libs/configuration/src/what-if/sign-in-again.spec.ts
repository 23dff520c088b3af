/** Somebody signs in again with what they last said, while other settings would be in force. */
import type { AccountEvent } from '#libs/contracts';
import { accountDecider } from '#libs/domain';
import { fold, type RecordedEvent } from '#libs/kernel';
import {
  ada,
  assigned,
  by,
  byHand,
  connection,
  deactivated,
  type Fact,
  historyOf,
  olga,
  presented,
  provisioned,
  rule,
} from '#libs/testing';
import { signInAgain } from './sign-in-again.js';

const NOW = '2026-03-05T08:00:00.000Z';
const engineers = rule('engineers', 'engineers', ['crm.reader']);
const payers = rule('payers', 'engineers', ['pay.create']);
const apart = { policy: 'maker-checker', version: 1, sets: [['pay.create'], ['pay.approve']] };
const known = [provisioned(ada), assigned(ada, 'crm.reader', by('okta', 'engineers'))];

function again(
  facts: readonly Fact[],
  rules: Parameters<typeof connection>[1],
  how: { groups?: readonly string[]; preventive?: readonly (typeof apart)[] } = {},
) {
  const history = historyOf(...facts) as (RecordedEvent & AccountEvent)[];
  const claims = { email: [ada.profile.email ?? ''], groups: [...(how.groups ?? ['engineers'])] };
  return signInAgain({
    tenant: 'acme',
    account: fold(accountDecider, history),
    revision: history.length - 1,
    connection: connection('okta', rules),
    presented: presented({ subject: { value: ada.profile.userName, format: null }, claims }),
    issuer: 'http://idp.example/okta',
    liveRoles: new Set(['crm.reader', 'pay.create', 'pay.approve']),
    authority: {},
    preventive: how.preventive ?? [],
    sod: [apart],
    now: NOW,
  });
}

it('tells what it would give and take, by the decider of sign-ins', () => {
  expect(again(known, [engineers])).toMatchObject({ refusal: null, rolesGained: [], rolesLost: [] });
  expect(again(known, [engineers, payers])).toMatchObject({ rolesGained: ['pay.create'], rolesLost: [] });
  expect(again(known, [payers])).toMatchObject({ rolesGained: ['pay.create'], rolesLost: ['crm.reader'] });
});

it('tells of conflicts that would arise, and of those that would be kept back', () => {
  const approver = [...known, assigned(ada, 'pay.approve', byHand(olga))];
  const given = again(approver, [engineers, payers]);
  expect(given).toMatchObject({ rolesGained: ['pay.create'], conflicts: ['maker-checker'] });
  const kept = again(approver, [engineers, payers], { preventive: [apart] });
  expect(kept).toMatchObject({ rolesGained: [], conflicts: ['maker-checker'] });
});

it('does not count a conflict that stands already', () => {
  const both = [assigned(ada, 'pay.approve', byHand(olga)), assigned(ada, 'pay.create', byHand(olga), { nth: 2 })];
  expect(again([...known, ...both], [engineers, payers]).conflicts).toEqual([]);
});

it('tells of a refusal, and then of nothing else', () => {
  const turnedAway = again([...known, deactivated(ada)], [engineers, payers]);
  expect(turnedAway).toMatchObject({ refusal: { code: 'account-deactivated' }, rolesGained: [], steps: [] });
});

it('shows each event with the account as it leaves it', () => {
  const { steps } = again(known, [engineers, payers]);
  const given = steps.find(({ event }) => event.type === 'RolesAssigned');
  expect([...(given?.after.grants.values() ?? [])].map(({ role }) => role)).toEqual(['crm.reader', 'pay.create']);
  expect(steps.map(({ event }) => event.revision)).toEqual(steps.map((_, index) => known.length + index));
});
