/** What reports reconcile, where rows are lost in more than one table and nothing in the tables themselves shows it. */
import type { SealedEvent } from '#libs/kernel';
import {
  ada,
  assigned,
  at,
  bo,
  byHand,
  Chronicle,
  deactivated,
  type Fact,
  olga,
  onEveryDatabase,
  profileUpdated,
  provisioned,
  reactivated,
  revoked,
  roleDefined,
  signedIn,
  signInRefused,
} from '#libs/testing';
import { askedOf, markingReader, reconciles, wholeStoreOf } from '../events/told-history.fixture.js';
import { sealedHistory } from '../export/sealed-history.fixture.js';
import { REPORTS } from '../kinds/index.js';
import type { ReportKind } from '../report-kind.js';
import { grantPopulation } from './grant-population.js';
import { takenBackUnseen } from './sign-ins-taken-back.js';

const TURNS = 'makings, deactivations and reactivations of accounts';
const TALLY = 'events that gave or ended grants';

jest.setTimeout(60_000);

onEveryDatabase((open) => {
  let poisonous: string | undefined;
  /** Cannot read one of the events. */
  const reader: typeof markingReader = {
    ...markingReader,
    decode: async (events) => {
      if (events.some(({ id }) => id === poisonous)) throw new TypeError('This event is damaged.');
      return markingReader.decode(events);
    },
  };
  const told = sealedHistory({ open, reader, storeOf: wholeStoreOf });
  const query = (text: string, ...values: unknown[]) => told.source.database.query(text, values);
  const kind = (name: string) => REPORTS.get(name) as ReportKind;

  async function tell(...facts: readonly Fact[]): Promise<readonly SealedEvent[]> {
    const history = new Chronicle().record(...facts);
    await told.tell(history);
    return history;
  }

  const people = [roleDefined('crm.reader'), provisioned(olga), provisioned(ada), provisioned(bo)];

  describe('the turns of accounts', () => {
    it.each([...REPORTS.keys()])('are counted for %s', async (name) => {
      const history = await tell(...people, deactivated(ada), reactivated(ada)); // 0 to 5
      expect(await reconciles(kind(name), told.source, askedOf(history))).toEqual([]);

      await query('delete from read_model.account_history_v2 where from_pos >= 4');
      await query('update read_model.account_history_v2 set to_pos = null');
      expect(await reconciles(kind(name), told.source, askedOf(history))).toContainEqual(
        JSON.stringify({ of: TURNS, recorded: 5, listed: 3, excluded: {} }),
      );
      expect(await reconciles(kind(name), told.source, askedOf(history, { knownAt: 3 }))).toEqual([]);
    });

    it('are missed when streams were parked, and what was parked is cleared by hand', async () => {
      const history = new Chronicle().record(
        ...people,
        profileUpdated(ada, { department: 'Payroll' }),
        deactivated(ada),
      );
      poisonous = history[4]?.id;
      await told.tell(history);
      poisonous = undefined;
      const { rowCount } = await query(`delete from read_model.parked where projection = 'account-history'`);
      expect(rowCount).toBe(2);

      expect(await reconciles(kind('dormant'), told.source, askedOf(history))).toEqual([
        JSON.stringify({ of: TURNS, recorded: 4, listed: 3, excluded: {} }),
      ]);
    });
  });

  describe('grants', () => {
    const given = [assigned(ada, 'crm.reader', byHand(olga)), assigned(bo, 'crm.reader', byHand(olga))];

    it('do not reconcile when they and their tally have lost the same', async () => {
      const history = await tell(...people, ...given); // 0 to 5
      await query('delete from read_model.grants_v1 where granted_pos = 4');
      await query('delete from read_model.grant_counts_v1 where position = 4');

      const lost = JSON.stringify({ of: TALLY, recorded: 2, listed: 1, excluded: {} });
      for (const name of ['access', 'dormant', 'orphan', 'sod', 'joiners-movers-leavers', 'revocations'])
        expect(await reconciles(kind(name), told.source, askedOf(history))).toEqual([lost]);
      const of = async (account: string) =>
        (await grantPopulation(told.source, askedOf(history, { filter: { account } }))).map((one) => [
          one.recorded,
          one.listed,
        ]);
      expect([await of(ada.account), await of(bo.account)]).toEqual([
        [
          [0, 0],
          [1, 0],
        ],
        [
          [1, 1],
          [1, 1],
        ],
      ]);
    });

    it('do not reconcile when they and their tally are of before some of them ended', async () => {
      const history = await tell(...people, ...given, revoked(ada, 'crm.reader')); // 0 to 6
      await query('delete from read_model.grants_v1 where from_pos = 6');
      await query('update read_model.grants_v1 set to_pos = null where to_pos = 6');
      await query('delete from read_model.grant_counts_v1 where position = 6');
      expect(await reconciles(kind('dormant'), told.source, askedOf(history))).toEqual([
        JSON.stringify({ of: TALLY, recorded: 3, listed: 2, excluded: {} }),
      ]);
    });
  });

  describe('a sign-in that was taken back', () => {
    const moment = '2026-06-01T08:00:00.000Z';
    const both = [at(moment, signedIn(ada, 'okta')), at(moment, signedIn(ada, 'okta', { nth: 2 }))];

    it('is not that of the same moment which counts', async () => {
      const history = await tell(...people, ...both, at(moment, signInRefused(ada, 'username-taken', { nth: 1 })));
      const last = new Map([[ada.account, new Date(moment)]]);
      const unseen = () => takenBackUnseen(told.source, askedOf(history), last);
      expect(await unseen()).toEqual(new Set());

      await query('delete from read_model.withdrawn_sign_ins_v1');
      expect(await unseen()).toEqual(new Set([ada.account]));
    });
  });
});
