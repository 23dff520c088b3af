import { join } from 'node:path';
import { NAME_PATTERN } from '#libs/contracts';
import { verifyFolder } from '#libs/reports';
import {
  type Arguments,
  answer,
  type CommandLineCommand,
  type ExitCode,
  JSON_FLAG,
  type Terminal,
  textFlag,
  UndecidedError,
  WrongUseError,
} from '../command.js';
import { serverToAsk } from '../installation.js';
import { download, downloadReport, refuseFolderOfAnother } from '../reports/download.js';
import { exitFor as exitForReport, finished, type ReportAtServer, reportText } from '../reports/report-at-server.js';
import type { ServerClient } from '../server-client.js';
import { exitFor, verdictText } from './report-verify.command.js';

/** `gatebook report get`: the files of a report into a folder, verified. */
export const reportGetCommand: CommandLineCommand = {
  name: 'report get',
  summary: 'fetch the files of a report and verify them',
  usage: 'report get ID --out FOLDER [--with-log] [--json]',
  explanation:
    'Waits until the report is finished. GATEBOOK_URL names the server, GATEBOOK_API_KEY a key with audit:read (and personal:read, if the report\n' +
    'shows personal data). Each download is recorded. Exit code 0: fetched, and everything holds. 1: the report failed, or does not hold. 2:\n' +
    'it could not be had.',
  positionals: 1,
  flags: {
    out: { type: 'string', about: 'the folder to write into (required)' },
    'with-log': { type: 'boolean', about: 'fetch the tenant’s log besides, so that the sheet itself can be verified' },
    ...JSON_FLAG,
  },
  async run(args, terminal) {
    const [id] = args.positionals as [string];
    const folder = textFlag(args, 'out');
    if (folder === undefined) throw new WrongUseError('--out FOLDER is needed.');
    await refuseFolderOfAnother(folder, id);
    const server = serverToAsk(terminal, 'audit:read');
    const report = await finished(server, id, terminal, args.flags['json'] === true);
    return fetchAndVerify(server, report, folder, { args, terminal });
  },
};

/** Fetches a finished report, verifies it, and tells of both. */
export async function fetchAndVerify(
  server: ServerClient,
  report: ReportAtServer,
  folder: string,
  { args, terminal }: { readonly args: Arguments; readonly terminal: Terminal },
): Promise<ExitCode> {
  if (report.status !== 'done') {
    answer(terminal, args, { report, verdict: null }, reportText(report));
    return exitForReport(report);
  }
  await downloadReport(server, report, folder);
  if (args.flags['with-log'] === true) await downloadLog(server, report, folder);
  const verdict = await verifyFolder(folder, { files: announced(report) });
  answer(terminal, args, { report, verdict }, `${reportText(report)}\n\n${verdictText(verdict)}`);
  return exitFor(verdict);
}

/** @throws {UndecidedError} when the server names a tenant as none is: the name becomes that of a file */
async function downloadLog(server: ServerClient, { tenant }: ReportAtServer, folder: string): Promise<void> {
  if (!NAME_PATTERN.test(tenant)) throw new UndecidedError('The server names a tenant as none can be called.');
  const query = new URLSearchParams({ tenant });
  await download(server, `/api/v1/events/export?${query}`, join(folder, `events-${tenant}.ndjson`));
}

/** What the server says of its files, which did not come with them. */
function announced({ files, sheet }: ReportAtServer): Readonly<Record<string, string>> {
  return Object.fromEntries([...files, ...(sheet ? [sheet] : [])].map(({ name, sha256 }) => [name, sha256]));
}
