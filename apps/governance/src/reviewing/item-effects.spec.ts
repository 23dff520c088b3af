/** What a decision of a review comes to on accounts that have changed since it was asked for. Everything in memory, with the real deciders. */
import type { ReviewItemOpened } from '#libs/contracts';
import { type AccountState, accountDecider, openGrants } from '#libs/domain';
import { decideAndAppend, readAggregate, type WritePath } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import type { GovernanceMetrics, RunAccountCommand } from '#libs/platform';
import {
  absorbed,
  ada,
  arrayEventStore,
  assigned,
  bo,
  by,
  byElevation,
  clearCodec,
  elevation,
  type Fact,
  grantId,
  historyOf,
  merged,
  olga,
  provisioned,
  seededId,
  storedInClear,
  withheld,
} from '#libs/testing';
import { ephemeralKeyring } from '#libs/vault';
import { GovernanceCommands } from '../reading/governance-commands.js';
import { AccountFactsReader } from './account-facts.js';
import { ItemEffects } from './item-effects.js';
import { ReviewLog } from './review-log.js';

const NOW = '2026-03-02T12:00:00.000Z';
const LATER = '2026-06-01T00:00:00.000Z';
const ITEM = seededId('item');
const REVIEW = seededId('review');
const DECISION = seededId('decision about the item');

const onItem = (type: string, data: object, eventId?: string): Fact => ({
  category: 'reviewItem',
  tenant: 'acme',
  id: ITEM,
  ...(eventId ? { eventId } : {}),
  event: () => ({ type, data }),
});

/** Ada's grant is in question, and olga has decided about it. */
function decided(
  decision: 'revoke' | 'reduce',
  { grant, role, source }: { grant: string; role: string; source: ReviewItemOpened['data']['source'] },
): Fact[] {
  const about = { item: ITEM, review: REVIEW, account: ada.account, grant, role, stage: 0, flags: [] };
  const fingerprint = 'a'.repeat(64);
  return [
    onItem('ReviewItemOpened', {
      ...about,
      policy: null,
      trigger: { reason: 'adHoc', event: null },
      source,
      privileged: true,
      fingerprint,
      reviewers: [olga.account],
      reviewersAs: 'named',
      recommendation: { decision: 'none', because: [] },
      stages: 1,
      stageDueAt: LATER,
      dueAt: LATER,
    }),
    onItem(
      'ReviewDecisionRecorded',
      {
        ...about,
        decision,
        until: decision === 'reduce' ? LATER : null,
        to: null,
        by: olga.account,
        decidedVia: 'session',
        apiKey: null,
        bulk: false,
        tookMs: null,
        accountRevision: 1,
        fingerprint,
        reason: 'not needed',
      },
      DECISION,
    ),
  ];
}

/** The decision is carried out on what happened. @returns the item, and accounts afterwards */
async function carriedOut(...facts: readonly Fact[]) {
  const store = arrayEventStore(storedInClear(historyOf(...facts)));
  const clock = { now: () => new Date(NOW) };
  const path = { store, codec: clearCodec, clock } as WritePath;
  const keyring = ephemeralKeyring();
  const accountStream = (id: string) => streamName({ category: 'account', tenant: 'acme', id });
  const commands = {
    execute: ({ account, command }: RunAccountCommand) =>
      decideAndAppend(path, accountStream(account), accountDecider, command),
  };
  const log = new ReviewLog(path);
  const governance = new GovernanceCommands(path, keyring);
  const metrics = { effectConfirmed: () => {} } as unknown as GovernanceMetrics;
  const reader = new AccountFactsReader(path, keyring);
  const effects = new ItemEffects(commands as never, governance, log, reader, metrics, clock);
  const run = async () => (await effects.carryOut('acme', await log.item('acme', ITEM))).item;
  const stateOf = async ({ account }: { readonly account: string }): Promise<AccountState> =>
    (await readAggregate(path, accountStream(account), accountDecider)).state;
  return { item: await run(), stateOf, written: () => [...store.log], run };
}

const byOkta = by('okta', 'admins');
const asked = { grant: grantId(ada, 'crm.admin'), role: 'crm.admin', source: byOkta };

describe('a decision about an account that was merged before it took effect', () => {
  const gone = [provisioned(ada), assigned(ada, 'crm.admin', byOkta), ...decided('revoke', asked)];

  it('is carried out where its person goes on, with what the rules gave there', async () => {
    const { item, stateOf } = await carriedOut(
      ...gone,
      provisioned(bo),
      assigned(bo, 'crm.admin', byOkta),
      absorbed(bo, ada),
      merged(ada, bo),
    );
    const { grants, withheld: kept } = await stateOf(bo);
    expect(item).toMatchObject({ status: 'closed', outcome: 'revoked' });
    expect([grants.size, kept.get('crm.admin')?.decision]).toEqual([0, DECISION]);
  });

  it('follows one merge after the other', async () => {
    const { item, stateOf } = await carriedOut(
      ...gone,
      ...[provisioned(bo), provisioned(olga)],
      ...[absorbed(bo, ada), merged(ada, bo), absorbed(olga, bo), merged(bo, olga)],
    );
    expect(item.outcome).toBe('revoked');
    expect((await stateOf(olga)).withheld.get('crm.admin')?.decision).toBe(DECISION);
  });

  it('is confirmed by what the merge itself took over, and nothing is withheld twice', async () => {
    const happened = [
      ...gone,
      provisioned(bo),
      absorbed(bo, ada),
      withheld(bo, 'crm.admin', ['okta/admins@1'], null, null, DECISION),
      merged(ada, bo),
    ];
    const { item, stateOf, written } = await carriedOut(...happened);
    expect(item).toMatchObject({ status: 'closed', outcome: 'revoked' });
    const because = (await stateOf(bo)).withheld.get('crm.admin')?.event;
    expect(written().slice(happened.length)).toMatchObject([{ type: 'ReviewItemClosed', data: { because } }]);
  });

  it('to reduce lets the role end there when it was to end', async () => {
    const { item, stateOf } = await carriedOut(
      provisioned(ada),
      assigned(ada, 'crm.admin', byOkta),
      ...decided('reduce', asked),
      ...[provisioned(bo), absorbed(bo, ada), merged(ada, bo)],
    );
    expect(item.status).toBe('closed');
    expect((await stateOf(bo)).withheld.get('crm.admin')).toMatchObject({ from: LATER, decision: DECISION });
  });
});

it('a grant that was given anew since it was decided to end later ends then, and not at once', async () => {
  const { item, stateOf } = await carriedOut(
    provisioned(ada),
    assigned(ada, 'crm.admin', byOkta, { nth: 2 }),
    ...decided('reduce', asked),
  );
  const [grant] = openGrants(await stateOf(ada), NOW);
  expect([item.status, grant?.until]).toEqual(['closed', LATER]);
  expect((await stateOf(ada)).withheld.get('crm.admin')).toMatchObject({ from: LATER });
});

it('an elevation that goes on by another grant than the one in question ends', async () => {
  const source = byElevation(elevation);
  const { item, stateOf } = await carriedOut(
    provisioned(ada),
    assigned(ada, 'prod.admin', source, { until: '2026-03-02T10:00:00.000Z' }),
    assigned(ada, 'prod.admin', source, { nth: 2, until: '2026-03-02T14:00:00.000Z' }),
    ...decided('revoke', { grant: grantId(ada, 'prod.admin'), role: 'prod.admin', source }),
  );
  expect([item.outcome, openGrants(await stateOf(ada), NOW)]).toEqual(['revoked', []]);
});

it('carrying it out again writes nothing', async () => {
  const { run, written } = await carriedOut(
    provisioned(ada),
    assigned(ada, 'crm.admin', byOkta),
    ...decided('revoke', asked),
  );
  const before = written();
  await run();
  expect(written()).toEqual(before);
});
