/** Reports whose making is disturbed: they come out the same to the byte, or begin anew, or say so. */
import { LeaseLostError, StorageFullError } from '#libs/database';
import { PROJECTIONS } from '#libs/read-model';
import { ada, clearReader, historyOf, onEveryDatabase, provisioned, storeOf, tenantRegistered } from '#libs/testing';
import { sealedHistory } from '../export/sealed-history.fixture.js';
import type { ReportKind } from '../report-kind.js';
import { BATCH, numbers } from './jobs.fixture.js';
import { KEPT_BYTES_MAX } from './kept-bytes.queries.js';
import { HELD, hashes, idOf, never, reportJobs } from './report-jobs.fixture.js';
import { ATTEMPTS_MAX, type ReportRunnerDependencies } from './report-runner.js';

const history = historyOf(tenantRegistered('acme'), provisioned(ada));
/** What a rebuild does to the tables in its last step. */
const REBUILT = `
  create table read_model.twin (like read_model.grants_v1 including all);
  drop table read_model.grants_v1;
  alter table read_model.twin rename to grants_v1`;

/** Gathers rows for ever, and says each time that it is at the beginning. */
const standingStill = (dies: () => void): ReportKind => ({
  ...numbers(),
  async *rows() {
    for (;;) {
      yield { rows: Array.from({ length: BATCH }, (_, nth) => [nth, '']), bookmark: '0', counts: {}, progress: 0 };
      dies();
    }
  },
});

jest.setTimeout(60_000);

onEveryDatabase((open) => {
  const told = sealedHistory({ open, reader: clearReader, storeOf });
  const { queue, execute, runner, pass, work, found, ask, keptBytes } = reportJobs(told, history);

  describe('whoever makes it dies', () => {
    it('at any write: the next one goes on, and every file is the same to the byte', async () => {
      const whole = await ask('undisturbed', ['csv', 'json']);
      await work();
      const expected = hashes(await found(whole));
      let deaths = 0;
      for (let nth = 1; ; nth += 1) {
        const report = await ask(`dies at ${nth}`, ['csv', 'json']);
        let writes = 0;
        const dying = {
          guard: async () => {
            writes += 1;
            if (writes >= nth) throw new LeaseLostError('reports', 1);
          },
        };
        const died = await runner(numbers())
          .runNext(dying, never)
          .then(
            () => false,
            () => true,
          );
        if (died) expect(await work()).toBe('done');
        expect({ nth, files: hashes(await found(report)) }).toEqual({ nth, files: expected });
        if (!died) break;
        deaths += 1;
      }
      expect(deaths).toBeGreaterThan(15);
    });

    it('goes on from where it was, and reads nothing twice', async () => {
      const report = await ask('resumed');
      const stopping = new AbortController();
      const read: number[] = [];
      const kind = (stopAt: number) =>
        numbers({
          before: (batch) => {
            read.push(batch);
            if (batch === stopAt) stopping.abort();
          },
        });
      await expect(runner(kind(2)).runNext(HELD, stopping.signal)).rejects.toThrow('aborted');
      expect(await found(report)).toMatchObject({ status: 'running', rows: 2 * BATCH, files: [] });
      expect(await work(kind(-1))).toBe('done');
      expect(read).toEqual([0, 1, 2, 2]);
    });

    it('between the record in the log and its own: the same is recorded again', async () => {
      const report = await ask('recorded');
      const recorded: string[] = [];
      let fails = true;
      const recordGenerated: ReportRunnerDependencies['recordGenerated'] = async (_job, sheet, files) => {
        recorded.push(JSON.stringify([sheet, files]));
        if (fails) throw new StorageFullError();
      };
      const recording = runner(numbers(), { recordGenerated });
      expect(await recording.runNext(HELD, never)).toBe('waiting');
      expect(await found(report)).toMatchObject({ status: 'running', stage: 'recording' });
      await expect(queue.cancel(report)).rejects.toMatchObject({ code: 'report-ended' });
      fails = false;
      pass(60_000);
      expect(await recording.runNext(HELD, never)).toBe('done');
      expect(recorded).toHaveLength(2);
      expect(JSON.parse(recorded[1] ?? '')).toEqual(JSON.parse(recorded[0] ?? ''));
    });

    it('again and again at the same place: it is given up', async () => {
      const report = await ask('deadly');
      for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1)
        await expect(runner(numbers()).runNext(HELD, AbortSignal.abort())).rejects.toThrow('aborted');
      expect(await work()).toBe('failed');
      expect(await found(report)).toMatchObject({ status: 'failed', failure: { code: 'report-interrupted' } });
    });

    it('again and again while what it keeps comes no further: it is given up', async () => {
      const report = await ask('stands still');
      const attempt = () => {
        const dying = new AbortController();
        return runner(standingStill(() => dying.abort())).runNext(HELD, dying.signal);
      };
      await expect(attempt()).rejects.toThrow('aborted');
      for (let again = 0; again < ATTEMPTS_MAX; again += 1) await expect(attempt()).rejects.toThrow('aborted');
      expect(await attempt()).toBe('failed');
      expect(await found(report)).toMatchObject({ status: 'failed', failure: { code: 'report-interrupted' } });
    });

    it('as often as it may be, while it comes further each time: it is made', async () => {
      const report = await ask('slow but sure');
      const rows = (2 * ATTEMPTS_MAX + 1) * BATCH;
      for (let go = 1; go <= 2 * ATTEMPTS_MAX; go += 1) {
        const dying = new AbortController();
        const kind = numbers({ rows, before: (batch) => void (batch === go && dying.abort()) });
        await expect(runner(kind).runNext(HELD, dying.signal)).rejects.toThrow('aborted');
      }
      expect(await work(numbers({ rows }))).toBe('done');
      expect(await found(report)).toMatchObject({ rows });
    });
  });

  describe('while its rows are gathered', () => {
    const during = (batch: number, work: () => Promise<unknown>) =>
      numbers({ before: async (nth) => void (nth === batch && (await work())) });

    it('the read model is rebuilt: it begins anew, and is of one read model alone', async () => {
      const report = await ask('undermined');
      expect(await work(during(1, () => execute(REBUILT)))).toBe('waiting');
      expect(await found(report)).toMatchObject({
        status: 'running',
        waitingFor: 'report-read-model-rebuilt',
        rows: 0,
        erased: 0,
        counts: {},
        bookmark: null,
      });
      pass(60_000);
      const read: number[] = [];
      expect(await work(numbers({ before: (batch) => void read.push(batch) }))).toBe('done');
      expect(read).toEqual([0, 1, 2]);
      expect(await found(report)).toMatchObject({ rows: 2_500, erased: 25, sheet: { rows: 2_500, complete: true } });
    });

    it('the read model is rebuilt after that, before it is counted: its files begin anew as well', async () => {
      const report = await ask('undermined late', ['csv', 'json']);
      const kind = numbers();
      const counted: ReportKind = {
        ...kind,
        population: async (...asked) => {
          await execute(REBUILT);
          return kind.population(...asked);
        },
      };
      expect(await work(counted)).toBe('waiting');
      expect(await found(report)).toMatchObject({ stage: 'gathering', files: [], rows: 0 });
      const left = await keptBytes(report);
      pass(60_000);
      expect(await work()).toBe('done');
      const kept = await keptBytes(report);
      expect([left?.said, kept?.said]).toEqual([left?.there, kept?.there]);
      expect(left?.there).toBeGreaterThan(1_000); // what was made before counts until it is overwritten
      const undisturbed = await ask('undisturbed', ['csv', 'json']);
      await work();
      expect(hashes(await found(report))).toEqual(hashes(await found(undisturbed)));
    });

    it('the read model is rebuilt: what it has left behind itself takes no room from it', async () => {
      const report = await ask('large');
      expect(await work(during(1, () => execute(REBUILT)))).toBe('waiting');
      await execute('update reports.jobs set kept_bytes = $2 where id = $1', [report, KEPT_BYTES_MAX]);
      await expect(ask('one more')).rejects.toMatchObject({ code: 'too-much-kept' });
      pass(60_000);
      expect(await work()).toBe('done');
    });

    it('a parked stream is replayed: the sheet says that it was parked', async () => {
      const report = await ask('parked');
      await execute(
        `insert into read_model.parked (projection, version, position, tenant, tenant_position, store_position, event_id, type, stream,
           revision, sealed_at, poisoned) values ('account-history', $1, 1, 'acme', 1, 1, $2, 'UserProvisioned', 'account-acme+ada', 0, '', true)`,
        [PROJECTIONS.find(({ name }) => name === 'account-history')?.version, idOf('event')],
      );
      expect(await work(during(1, () => execute('delete from read_model.parked')))).toBe('done');
      const { sheet } = await found(report);
      expect(sheet).toMatchObject({ parkedStreams: 1, complete: false });
      expect(sheet?.problems.join()).toContain('parked');
    });
  });
});
