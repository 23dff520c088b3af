import { everythingIn, followUntil, idsSeenWhile } from './contract/log-readers.js';
import type { EventStore } from './event-store.port.js';

/** A store to which nobody else writes, and 16 writers that append to it at once, in as many processes as the adapter allows. */
export interface WritersUnderTest {
  readonly store: EventStore;
  /** Starts the writers; resolves when all that they appended is acknowledged. */
  write(): Promise<unknown>;
  /** Ids of everything that they append. */
  readonly ids: readonly string[];
  end(): Promise<void>;
}

/**
 * That no reader ever skips an event, whoever appends meanwhile: what a projection is built on. A reader that has passed a position never
 * goes back, so an event that became visible behind it would be lost for good. `no-skip.int.spec.ts` shows that the check notices a store
 * that does this.
 */
export function noSkipContract(name: string, open: () => Promise<WritersUnderTest>): void {
  describe(`no skipped event: ${name}`, () => {
    let subject: WritersUnderTest;
    beforeAll(async () => {
      subject = await open();
    }, 60_000);
    afterAll(() => subject?.end(), 60_000);

    it('a reader and a follower see every event of 16 concurrent writers, in the same order', async () => {
      const { store, ids } = subject;
      const start = await store.head();
      const readOn = async (after: number) => {
        const { events, through } = await store.readLog({ after, limit: 50 });
        return { ids: events.map(({ id }) => id), through };
      };
      const following = followUntil(store, { after: start }, ids.length);
      const seen = await idsSeenWhile(subject.write(), readOn, () => {}, start);
      const followed = (await following).events;
      expect([...seen].sort()).toEqual([...ids].sort());
      expect(followed.map(({ id }) => id)).toEqual(seen);
      expect(followed).toEqual(await everythingIn(store, { after: start, limit: 1_000 }));
    }, 120_000);
  });
}
