import type { StoredEvent } from '#libs/event-store';
import { sealedLog, storedLog } from './contract/ledger-events.js';
import { LastRevisions } from './last-revisions.js';
import type { SealedRow } from './sealed-log.queries.js';
import { compareSealedLog } from './verify-sealed-log.js';

const [ada, bob, eve] = ['account-acme+ada', 'account-acme+bob', 'account-other+eve'] as const;
const events = storedLog([ada, eve, ada, bob, eve, ada]);
const rows = sealedLog(events);

const problemsOf = async (changedRows: readonly SealedRow[], changedEvents: readonly StoredEvent[] = events) => {
  const { findings, problems } = await compareSealedLog(changedRows, changedEvents);
  expect(findings).toHaveLength(problems);
  return findings.map(({ problem, storePosition }) => `${problem} at ${storePosition}`);
};
const without = <T>(items: readonly T[], index: number) => items.filter((_, at) => at !== index);
const changed = <T>(items: readonly T[], index: number, change: Partial<T>) =>
  items.map((item, at) => (at === index ? { ...item, ...change } : item));

describe('a sealed log that agrees with the store', () => {
  it('has no problems', async () => {
    expect(await compareSealedLog(rows, events)).toEqual({
      sealed: 6,
      pending: 0,
      missingTail: 0,
      problems: 0,
      findings: [],
    });
  });

  it('may be behind', async () => {
    expect(await compareSealedLog(rows.slice(0, 4), events)).toMatchObject({ sealed: 4, pending: 2, problems: 0 });
  });

  it('may be empty', async () => {
    expect(await compareSealedLog([], [])).toMatchObject({ sealed: 0, pending: 0, problems: 0 });
  });

  it('may belong to a store whose positions are sparse', async () => {
    const sparse = events.map((event) => ({ ...event, storePosition: event.storePosition * 1_000 }));
    expect(await problemsOf(sealedLog(sparse), sparse)).toEqual([]);
  });
});

describe('a verification notices', () => {
  it('a changed byte in an event', async () => {
    const data = { ...(events[2]?.data as object), text: 'sealed: Ω 😁' };
    expect(await problemsOf(rows, changed(events, 2, { data }))).toEqual(['hash-differs at 2']);
  });

  it('a changed hash', async () => {
    expect(await problemsOf(changed(rows, 2, { hash: '00'.repeat(32) }))).toEqual(['hash-differs at 2']);
  });

  it('a row that was dropped', async () => {
    expect(await problemsOf(without(rows, 2))).toEqual([
      'not-sealed at 2',
      'position-not-dense at 3',
      'tenant-position-not-dense at 3',
    ]);
  });

  it('an event that was dropped', async () => {
    expect(await problemsOf(rows, without(events, 2))).toEqual(['not-in-store at 2', 'revision-not-gapless at 5']);
  });

  it('the last event dropped together with nothing else', async () => {
    expect(await problemsOf(rows, events.slice(0, 5))).toEqual(['not-in-store at 5']);
  });

  it('a store that was set back, and by how much', async () => {
    expect(await compareSealedLog(rows, events.slice(0, 3))).toMatchObject({ missingTail: 3, problems: 3 });
    expect(await compareSealedLog(rows, without(events, 2))).toMatchObject({ missingTail: 0 });
  });

  it('two rows that changed places', async () => {
    const [second, third] = [rows[1] as SealedRow, rows[2] as SealedRow];
    const swapped = changed(changed(rows, 1, { ...third, position: 1 }), 2, { ...second, position: 2 });
    expect(await problemsOf(swapped)).not.toEqual([]);
  });

  it('two events that changed places', async () => {
    const [second, third] = [events[1] as StoredEvent, events[2] as StoredEvent];
    const swapped = changed(changed(events, 1, { ...third, storePosition: 1 }), 2, { ...second, storePosition: 2 });
    expect(await problemsOf(rows, swapped)).toContain('place-differs at 1');
  });

  it('an event that was put in with a row of its own, but breaks its stream', async () => {
    const forged = storedLog([ada, eve, ada, bob, eve, ada, ada]).slice(0, 6);
    const late = changed(forged, 5, { revision: 4 });
    expect(await problemsOf(sealedLog(late), late)).toEqual(['revision-not-gapless at 5']);
  });

  it('a row given to another tenant', async () => {
    expect(await problemsOf(changed(rows, 3, { tenant: 'other' }))).toContain('place-differs at 3');
  });

  it('many problems, and lists the first thousand', async () => {
    const long = storedLog(Array.from({ length: 1_500 }, (_, i) => `account-acme+${i}`));
    const wrong = sealedLog(long).map((row) => ({ ...row, hash: '' }));
    const { problems, findings } = await compareSealedLog(wrong, long);
    expect([problems, findings.length]).toEqual([1_500, 1_000]);
  });
});

describe('the memory for revisions', () => {
  const lookingUpIn = (log: readonly StoredEvent[], asked: string[] = []) =>
    new LastRevisions({
      limit: 2,
      standsBefore: async ({ stream, revision, storePosition }) => {
        asked.push(`${stream} ${revision}`);
        return log.some((e) => e.stream === stream && e.revision === revision - 1 && e.storePosition < storePosition);
      },
    });

  it('asks for the event before only of a stream that it has forgotten', async () => {
    const log = storedLog([ada, bob, ada, eve, bob]);
    const asked: string[] = [];
    expect(await compareSealedLog(sealedLog(log), log, lookingUpIn(log, asked))).toMatchObject({ problems: 0 });
    expect(asked).toEqual([`${bob} 1`]);
  });

  it('finds a gap in a stream that it has forgotten', async () => {
    const log = without(storedLog([ada, ada, bob, eve, ada]), 1);
    const { findings } = await compareSealedLog(sealedLog(log), log, lookingUpIn(log));
    expect(findings.map(({ problem }) => problem)).toEqual(['revision-not-gapless']);
  });
});
