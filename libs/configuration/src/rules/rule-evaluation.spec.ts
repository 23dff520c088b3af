/** What a recorded sign-in says of groups: what it does not say is unknown. */
import type { SignedIn } from '#libs/contracts';
import { ada, connectionSettingsWith, historyOf, signedIn } from '#libs/testing';
import { recordedFacts } from './rule-evaluation.js';

const settings = connectionSettingsWith([]);
const recorded = (groups: readonly string[]) =>
  historyOf(signedIn(ada, 'okta', { groups }))[0]?.data as SignedIn['data'];
const known = (...groups: string[]) => ({ known: true, values: new Set(groups) });
const unknown = { known: false };
const recordedGroups = (...of: Parameters<typeof recordedFacts>) => {
  const facts = recordedFacts(...of);
  return facts === 'unknown' ? facts : facts.groups;
};

describe('groups of a recorded sign-in', () => {
  it('are those that were sent, by the names that the connection gives them', () => {
    expect(recordedGroups(settings, recorded(['a', 'b']))).toEqual(known('a', 'b'));
    const named = { ...settings, groups: { ...settings.groups, names: { a: 'Admins' } } };
    expect(recordedGroups(named, recorded(['a']))).toEqual(known('Admins'));
  });

  it('are none when the attribute was sent empty', () => {
    expect(recordedGroups(settings, recorded([]))).toEqual(known());
  });

  it('are unknown when the attribute was not sent, also where absent means none at a sign-in', () => {
    const elsewhere = {
      ...settings,
      groups: { ...settings.groups, attribute: 'memberOf', whenMissing: 'none' as const },
    };
    expect(recordedGroups(elsewhere, recorded(['a']))).toEqual(unknown);
  });

  it('are unknown, as everything is, once the person was erased', () => {
    const erased = { ...recorded(['a']), claims: '[erased]' } as unknown as SignedIn['data'];
    expect(recordedGroups(settings, erased)).toEqual('unknown');
  });

  it('do not depend on a profile that cannot be mapped any more', () => {
    const broken = {
      ...settings,
      attributes: { userName: 'absent' },
      subject: { attribute: 'absent', caseInsensitive: false },
    };
    expect(recordedGroups(broken, recorded(['a']))).toEqual(known('a'));
  });
});
