import { randomUUID } from 'node:crypto';
import { type Arguments, answer, type CommandLineCommand, JSON_FLAG, textFlag, WrongUseError } from '../command.js';
import { serverToAsk } from '../installation.js';
import { refuseFolderOfAnother } from '../reports/download.js';
import { exitFor, finished, problemLines, reportText } from '../reports/report-at-server.js';
import { fetchAndVerify } from './report-get.command.js';

/** `gatebook report create`: asks a server for a report, and waits for it. */
export const reportCreateCommand: CommandLineCommand = {
  name: 'report create',
  summary: 'have a report made, wait for it, fetch and verify it',
  usage:
    'report create KIND [--tenant ID] [--as-of DAY | --to DAY] [--from DAY] [--known-at POSITION] [--time-zone ZONE] [--filter NAME=VALUE,…] [--formats csv,…] [--out FOLDER] [--with-log] [--json]',
  explanation:
    'KIND is one of those in docs/reports.md, such as access. A day means its end in the tenant’s time zone; an instant may stand in its place.\n' +
    'GATEBOOK_URL names the server, GATEBOOK_API_KEY a key with reports:write (and personal:read, to see personal data). Without --out, prints the\n' +
    'id for gatebook report get. Exit code 0: made, and everything holds. 1: refused, failed, or does not hold. 2: it could not be decided.',
  positionals: 1,
  flags: {
    tenant: {
      type: 'string',
      about: 'for an installation key where there are several tenants; installation: what is of no tenant',
    },
    'as-of': { type: 'string', about: 'the day asked about, of a period its last; default: now' },
    to: { type: 'string', about: 'another word for --as-of, of a report about a period' },
    from: { type: 'string', about: 'the period begins after this day; default: the beginning of the log' },
    'known-at': { type: 'string', about: 'position of the log; later events are not taken into account' },
    'time-zone': { type: 'string', about: 'in which days are counted; default: the tenant’s' },
    filter: { type: 'string', about: 'conditions that all must hold, such as application=crm,privileged=true' },
    formats: { type: 'string', about: 'csv, xlsx, json, html, with commas between; default: csv' },
    out: { type: 'string', about: 'the folder to write into' },
    'with-log': { type: 'boolean', about: 'with --out, fetch the tenant’s log besides' },
    ...JSON_FLAG,
  },
  async run(args, terminal) {
    const body = questionIn(args);
    const folder = textFlag(args, 'out');
    if (folder !== undefined) await refuseFolderOfAnother(folder, null);
    const server = serverToAsk(terminal, 'reports:write');
    const { id } = await server.post<{ id: string }>('/api/v1/reports', body, randomUUID());
    try {
      const report = await finished(server, id, terminal, args.flags['json'] === true);
      if (folder !== undefined) return await fetchAndVerify(server, report, folder, { args, terminal });
      answer(terminal, args, { report }, [reportText(report), ...problemLines(report)].join('\n'));
      return exitFor(report);
    } catch (error) {
      terminal.err(`The report was asked for: gatebook report get ${id} --out FOLDER fetches it.\n`);
      throw error;
    }
  },
};

/** What is asked, as the API takes it. @throws {WrongUseError} */
function questionIn(args: Arguments): Readonly<Record<string, unknown>> {
  const [kind] = args.positionals;
  const given = (name: string, field: string) =>
    textFlag(args, name) === undefined ? {} : { [field]: textFlag(args, name) };
  const knownAt = textFlag(args, 'known-at');
  if (knownAt !== undefined && !/^\d{1,15}$/.test(knownAt)) throw new WrongUseError('--known-at takes a whole number.');
  const formats = textFlag(args, 'formats')?.split(',');
  const filter = textFlag(args, 'filter');
  return {
    kind,
    ...given('tenant', 'tenant'),
    ...given('as-of', 'asOf'),
    ...given('to', 'to'),
    ...given('from', 'from'),
    ...given('time-zone', 'timeZone'),
    ...(knownAt === undefined ? {} : { knownAt: Number(knownAt) }),
    ...(filter === undefined ? {} : { filter: filterIn(filter) }),
    ...(formats === undefined ? {} : { formats }),
  };
}

function filterIn(text: string): Readonly<Record<string, string | boolean>> {
  const conditions = text.split(',').map((condition): [string, string | boolean] => {
    const [name, value] = [condition.slice(0, condition.indexOf('=')), condition.slice(condition.indexOf('=') + 1)];
    if (!condition.includes('=') || name === '')
      throw new WrongUseError('--filter takes NAME=VALUE, with commas between.');
    return [name, name === 'privileged' && /^(true|false)$/.test(value) ? value === 'true' : value];
  });
  const twice = conditions.find(([name], index) => conditions.findIndex(([other]) => other === name) !== index);
  if (twice) throw new WrongUseError(`--filter says ${twice[0]} twice. Every condition must hold, so say it once.`);
  return Object.fromEntries(conditions);
}
