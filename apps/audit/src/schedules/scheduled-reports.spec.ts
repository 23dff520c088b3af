/** What the clock asks for: each time of each schedule once, whatever fails in between; and what the log says of it. */
import { Logger } from '@nestjs/common';
import type { ReportSchedule } from '#libs/contracts';
import type { Clock } from '#libs/platform';
import { type NewReport, TooManyReportsError } from '#libs/reports';
import { sampleTenantSettings } from '#libs/testing';
import type { AskedReport } from '../reports/asked-reports.js';
import { ScheduledReports } from './scheduled-reports.js';

const SINCE = '2026-03-15T08:00:00.000Z';
const RUNS = new AbortController().signal;

const schedule = (id: string, over: Partial<ReportSchedule> = {}): ReportSchedule => ({
  id,
  kind: 'access',
  schedule: '0 6 * * *',
  period: null,
  formats: ['csv'],
  filter: {
    account: null,
    role: null,
    application: 'crm',
    connection: null,
    directory: null,
    department: null,
    privileged: null,
    review: null,
    policy: null,
  },
  personal: false,
  deliver: { folder: 'daily', webhook: null },
  ...over,
});

/** The schedules of a tenant in Berlin. What was asked for stays when the process that asks is another one. */
class Place {
  now = '2026-03-20T12:00:00.000Z';
  schedules: readonly ReportSchedule[] = [];
  since = SINCE;
  /** Stands in the way of asking, by the id of the schedule. */
  readonly refusals = new Map<string, Error>();
  readonly asked: NewReport[] = [];
  readonly questions: AskedReport[] = [];
  failures = 0;
  onAsked: () => void = () => undefined;

  process(): ScheduledReports {
    const clock: Clock = { now: () => new Date(this.now) };
    const tenant = () => ({
      id: 'acme',
      settings: { ...sampleTenantSettings, reports: this.schedules },
      reportsSince: new Map(this.schedules.map(({ id }) => [id, this.since])),
    });
    const catalog = { tenants: () => [tenant()] };
    return new ScheduledReports(
      { complete: async (asked: AskedReport) => this.#complete(asked) } as never,
      { database: { query: (_text: string, values: readonly string[]) => this.#last(values) } } as never,
      { askingFailed: () => (this.failures += 1) } as never,
      {
        knows: async ({ id }: NewReport) => this.#has(id),
        add: async (report: NewReport) => this.#add(report),
      } as never,
      { current: async () => catalog, lastRead: () => catalog } as never,
      clock,
      { lookupHmac: (_purpose: string, id: string) => `digest of ${id}` } as never,
    );
  }

  times(id = 'daily'): (string | undefined)[] {
    return this.asked.filter((report) => report.schedule?.id === id).map((report) => report.schedule?.at);
  }

  async #complete(asked: AskedReport): Promise<AskedReport> {
    this.questions.push(asked);
    return asked;
  }

  async #add(report: NewReport): Promise<void> {
    const refusal = this.refusals.get(report.schedule?.id ?? '');
    if (refusal) throw refusal;
    this.asked.push(report);
    this.onAsked();
  }

  #has(id: string): boolean {
    return this.asked.some((report) => report.id === id);
  }

  async #last([, id = '', notAfter = '']: readonly string[]) {
    const past = this.times(id).filter((at) => at !== undefined && at <= notAfter);
    const last = past.sort().at(-1);
    return { rows: [{ at: last === undefined ? null : new Date(last) }] };
  }
}

describe('the clock', () => {
  let place: Place;
  let warned: jest.SpyInstance;
  let failed: jest.SpyInstance;
  beforeEach(() => {
    place = new Place();
    place.schedules = [schedule('daily')];
    warned = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    failed = jest.spyOn(Logger.prototype, 'error').mockImplementation();
  });
  afterEach(() => jest.restoreAllMocks());

  it('asks for what is due, in the name of the system, once', async () => {
    place.now = '2026-03-16T05:00:00.000Z';
    const process = place.process();
    await process.askDue(RUNS);
    await process.askDue(RUNS);
    expect(place.asked).toMatchObject([
      {
        kind: 'access',
        formats: ['csv'],
        requestedBy: { kind: 'system', id: 'reports' },
        schedule: { id: 'daily', at: '2026-03-16T05:00:00.000Z', channels: ['folder'] },
      },
    ]);
    expect(place.questions).toMatchObject([
      {
        tenant: 'acme',
        timeZone: 'Europe/Berlin',
        personal: false,
        question: { asOf: '2026-03-15T22:59:59.999Z', filter: { application: 'crm' } },
      },
    ]);
    expect(warned).not.toHaveBeenCalled();
  });

  it('asks for nothing that came due before the schedule was as it is', async () => {
    place.since = '2026-03-20T05:00:00.000Z';
    await place.process().askDue(RUNS);
    expect(place.times()).toEqual([]);
  });

  it('goes on in another process where the first one ended, through days on which clocks change', async () => {
    for (const day of [28, 29, 30]) {
      place.now = `2026-03-${day}T12:00:00.000Z`;
      await place.process().askDue(RUNS);
      await place.process().askDue(RUNS);
    }
    expect(place.times()).toEqual(['2026-03-28T05:00:00.000Z', '2026-03-29T04:00:00.000Z', '2026-03-30T04:00:00.000Z']);
  });

  it('makes up for the last of the times that were missed, and says how many there were before it', async () => {
    await place.process().askDue(RUNS);
    expect(place.times()).toEqual(['2026-03-20T05:00:00.000Z']);
    expect(warned).toHaveBeenCalledWith(
      { tenant: 'acme', schedule: 'daily', missed: 4 },
      'times of a schedule were missed',
    );
  });

  it('does not pass over what comes due while it asks', async () => {
    const process = place.process();
    place.onAsked = () => {
      place.now = '2026-03-21T05:00:01.000Z';
    };
    await process.askDue(RUNS);
    await process.askDue(RUNS);
    expect(place.times()).toEqual(['2026-03-20T05:00:00.000Z', '2026-03-21T05:00:00.000Z']);
  });

  it('asks again later for what could not be asked for, and meanwhile for everything else', async () => {
    place.schedules = [schedule('broken'), schedule('daily')];
    place.refusals.set('broken', new Error('not now'));
    const process = place.process();
    await process.askDue(RUNS);
    await process.askDue(RUNS);
    expect([place.times(), place.times('broken'), place.failures]).toEqual([['2026-03-20T05:00:00.000Z'], [], 1]);
    expect(failed).toHaveBeenCalledTimes(1);
    place.refusals.clear();
    place.now = '2026-03-20T12:00:30.000Z';
    await process.askDue(RUNS);
    expect(place.times('broken')).toEqual(['2026-03-20T05:00:00.000Z']);
  });

  it('takes a full queue for something that passes', async () => {
    place.refusals.set('daily', new TooManyReportsError(100));
    await place.process().askDue(RUNS);
    expect([failed.mock.calls.length, place.failures]).toEqual([0, 1]);
    expect(warned).toHaveBeenLastCalledWith(
      expect.objectContaining({ schedule: 'daily' }),
      expect.stringContaining('waits'),
    );
  });

  it('looks anew at a schedule whose times have changed, and forgets one that is gone', async () => {
    const process = place.process();
    await process.askDue(RUNS);
    place.since = '2026-03-20T12:00:00.000Z';
    place.schedules = [schedule('daily', { schedule: '30 13 * * *' })];
    place.now = '2026-03-20T12:30:00.000Z';
    await process.askDue(RUNS);
    expect(place.times()).toEqual(['2026-03-20T05:00:00.000Z', '2026-03-20T12:30:00.000Z']);
    place.schedules = [];
    place.now = '2026-03-22T12:30:00.000Z';
    await process.askDue(RUNS);
    expect(place.asked).toHaveLength(2);
  });

  it('names the schedules that write to a folder', () => {
    place.schedules = [schedule('daily'), schedule('told', { deliver: { folder: null, webhook: null } })];
    expect(place.process().intoFolders()).toEqual(['acme/daily']);
  });
});
