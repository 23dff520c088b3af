import {
  ada,
  aReview,
  at,
  bo,
  clearReader,
  deactivated,
  findingAccepted,
  findingActedUpon,
  findingAssigned,
  findingId,
  findingRaised,
  findingResolved,
  historyOf,
  olga,
  onEveryDatabase,
  provisioned,
  signedIn,
  violationDetected,
  yusuf,
} from '#libs/testing';
import {
  countActionable,
  findActionable,
  findFindingNews,
  findKnownFindings,
  findLastEvent,
  findStandingOf,
  findStandingOutside,
} from '../index.js';
import { projectedHistory } from '../read-model.fixture.js';

/** Goal: whoever looks after very many findings is told a page of them at a time, and of each no more than needed. */

const hour = (n: number) => `2026-03-02T${String(n).padStart(2, '0')}:00:00.000Z`;
const acme = { tenant: 'acme', limit: 10 };
const ids = (...words: readonly string[]) => words.map((word) => findingId(word));
const idsOf = ({ items }: { readonly items: readonly { readonly finding: string }[] }) =>
  items.map(({ finding }) => finding);

jest.setTimeout(60_000);

onEveryDatabase((open) => {
  const model = projectedHistory(open, clearReader);
  const builtIn = (word: string) => findingRaised(word, ada, { kind: 'orphan', policy: null, policyVersion: null });

  it('are those of one policy, or of none, page by page', async () => {
    await model.project(
      historyOf(
        findingRaised('a', ada),
        findingRaised('b', bo),
        findingRaised('gone', ada),
        findingResolved('gone'),
        findingAccepted('b', olga, hour(12)),
        builtIn('c'),
        findingRaised('other', ada, { policy: 'dormant-30' }),
        findingRaised('theirs', yusuf),
      ),
    );
    const dormant = { ...acme, kind: 'dormant', policy: 'dormant-90' } as const;
    const first = await findStandingOf(model.database, { ...dormant, limit: 1 });
    expect([idsOf(first), first.more]).toEqual([ids('a'), true]);
    const second = await findStandingOf(model.database, { ...dormant, after: first.items[0]?.raisedPosition });
    expect([idsOf(second), second.more]).toEqual([ids('b'), false]);
    expect(idsOf(await findStandingOf(model.database, { ...acme, kind: 'orphan', policy: null }))).toEqual(ids('c'));
    const watched = [
      { kind: 'dormant', policy: 'dormant-90' },
      { kind: 'dormant', policy: null },
    ] as const;
    expect(idsOf(await findStandingOutside(model.database, { ...acme, watched }))).toEqual(ids('c', 'other'));
  });

  it('are known while they are open, and while they are accepted', async () => {
    await model.project(
      historyOf(
        findingRaised('open', ada),
        findingRaised('accepted', ada),
        findingAccepted('accepted', olga, hour(12)),
        findingRaised('gone', ada),
        findingResolved('gone'),
      ),
    );
    const known = async (now: string) =>
      [
        ...(await findKnownFindings(model.database, {
          tenant: 'acme',
          now,
          findings: ids('open', 'accepted', 'gone'),
        })),
      ].sort();
    expect(await known(hour(11))).toEqual(ids('open', 'accepted').sort());
    expect(await known(hour(12))).toEqual(ids('open'));
  });

  it('may be acted upon where nobody has, and where the account may be', async () => {
    await model.project(
      historyOf(
        provisioned(ada),
        provisioned(bo, { kind: 'breakGlass' }),
        findingRaised('a', ada),
        findingRaised('glass', bo),
        findingRaised('accepted', ada),
        findingAccepted('accepted', olga, hour(12)),
        findingRaised('acted', ada),
        at(hour(9), findingActedUpon('acted', aReview('r').review)),
        findingRaised('about nobody', ada, { account: null }),
      ),
    );
    const which = {
      tenant: 'acme',
      kind: 'dormant',
      policy: 'dormant-90',
      now: hour(11),
      deactivating: false,
    } as const;
    const found = async (over: object = {}) =>
      idsOf(await findActionable(model.database, { ...which, limit: 10, ...over }));
    expect(await found()).toEqual(ids('a', 'glass'));
    expect(await found({ deactivating: true })).toEqual(ids('a'));
    expect(await found({ now: hour(12), accounts: [ada.account] })).toEqual(ids('a', 'accepted'));
    expect(await countActionable(model.database, which)).toBe(2);
  });

  it('are news to whoever answers for them', async () => {
    await model.project(
      historyOf(
        findingRaised('before', ada, { owner: olga.account }),
        findingRaised('a', ada, { owner: olga.account }),
        findingRaised('b', bo),
        findingAssigned('b', olga),
        findingRaised('gone', ada, { owner: bo.account }),
        findingResolved('gone'),
        violationDetected('nobody', ada, ['pay.create', 'pay.approve']),
      ),
    );
    const news = { tenant: 'acme', after: 0, through: 100 };
    expect(await findFindingNews(model.database, news)).toEqual([
      { owner: olga.account, items: 2, first: findingId('a'), position: 2 },
    ]);
    expect(await findFindingNews(model.database, { ...news, through: 0 })).toEqual([]);
  });

  it('rest on the last event of a type about an account', async () => {
    const history = historyOf(
      provisioned(ada),
      signedIn(ada, 'okta', { nth: 1 }),
      signedIn(ada, 'okta', { nth: 2 }),
      deactivated(ada),
      signedIn(bo, 'okta', { nth: 3 }),
    );
    await model.project(history);
    const last = { tenant: 'acme', account: ada.account, type: 'SignedIn' };
    const second = history.find(({ position }) => position === 2);
    expect(await findLastEvent(model.database, { ...last, after: 1 })).toEqual({
      event: second?.id,
      stream: second?.stream,
    });
    expect(await findLastEvent(model.database, { ...last, after: 2 })).toBeNull();
    expect(await findLastEvent(model.database, { ...last, tenant: 'globex', after: 0 })).toBeNull();
  });
});
