import { type FolderVerdict, type TrustedHashes, verifyFolder } from '#libs/reports';
import {
  type Arguments,
  answer,
  type CommandLineCommand,
  EXIT,
  type ExitCode,
  JSON_FLAG,
  textFlag,
  WrongUseError,
} from '../command.js';
import { rowsText } from '../reports/report-at-server.js';

/** `gatebook report verify`: whether the files of a report are what was made, offline. */
export const reportVerifyCommand: CommandLineCommand = {
  name: 'report verify',
  summary: 'check the files of a report against its evidence sheet, offline',
  usage: 'report verify FOLDER [--sheet-sha256 HEX] [--record-hash HEX] [--json]',
  explanation:
    'FOLDER holds evidence.json and the files that it lists, perhaps also the exported log (*.ndjson, from /api/v1/events/export), and nothing\n' +
    'else. Checks presence, length, SHA-256, rows and control totals of each file, the sums and gaps on the sheet, every hash of the exported\n' +
    'log, and, where the log tells of the report, that the files are those that it recorded. Needs no server, no key and no network.\n' +
    'A folder alone can only be held against itself. Whether it is the report that was made, follows from a hash that came another way:\n' +
    'the SHA-256 of evidence.json, as GET /api/v1/reports/ID says it, or the hash of the event ReportGenerated in a log that you trust.\n' +
    'Exit code 0: everything holds. 1: something does not, or the sheet itself calls the report incomplete. 2: there is no sheet.',
  positionals: 1,
  flags: {
    'sheet-sha256': { type: 'string', about: 'SHA-256 of evidence.json, from where you trust it' },
    'record-hash': {
      type: 'string',
      about: 'hash of the event ReportGenerated, from where you trust it; FOLDER has the log',
    },
    ...JSON_FLAG,
  },
  async run(args, terminal) {
    const [folder] = args.positionals as [string];
    const verdict = await verifyFolder(folder, trustedIn(args));
    answer(terminal, args, verdict, verdictText(verdict));
    return exitFor(verdict);
  },
};

/** @throws {WrongUseError} */
function trustedIn(args: Arguments): TrustedHashes {
  const [sheet, record] = [hexIn(args, 'sheet-sha256'), hexIn(args, 'record-hash')];
  return {
    ...(sheet === undefined ? {} : { files: { 'evidence.json': sheet } }),
    ...(record === undefined ? {} : { record }),
  };
}

function hexIn(args: Arguments, flag: string): string | undefined {
  const hex = textFlag(args, flag)?.toLowerCase();
  if (hex !== undefined && !/^[0-9a-f]{64}$/.test(hex))
    throw new WrongUseError(`--${flag} takes 64 hexadecimal digits.`);
  return hex;
}

/** What a verdict means for whoever called. */
export function exitFor({ verdict }: FolderVerdict): ExitCode {
  if (verdict === 'undecided') return EXIT.undecided;
  return verdict === 'invalid' || verdict === 'incomplete' ? EXIT.refused : EXIT.done;
}

/** A verdict for people: first what does not hold, then what does, then what nobody can tell. */
export function verdictText({ verdict, report, sheetSha256, checks, unchecked }: FolderVerdict): string {
  const lines = (wanted: boolean, mark: string) =>
    checks.filter(({ holds }) => holds === wanted).map(({ about, says }) => `  ${mark} ${about}: ${says}`);
  const failed = lines(false, '✗');
  const about = report
    ? [
        `${report.kind} of ${report.tenant}, ${whenOf(report)}, known at ${report.knownAt}: ${rowsText(report.rows)} (report ${report.id})`,
      ]
    : [];
  return [
    ...about,
    ...failed,
    ...lines(true, '✓'),
    ...unchecked.map(({ about: file, says }) => `  · ${file}: Not checked. ${says}`),
    '',
    verdict === 'consistent' ? `${CONSISTENT} ${sheetSha256}.` : VERDICTS[verdict](failed.length),
  ].join('\n');
}

const whenOf = ({ from, asOf }: NonNullable<FolderVerdict['report']>): string =>
  from === null ? `as of ${asOf}` : `after ${from}, up to ${asOf}`;

const CONSISTENT =
  'Consistent: the folder agrees with itself. That it is the report that was made, no hash from elsewhere says: compare that of evidence.json\n' +
  'with what the server or whoever made it says, or give it as --sheet-sha256. Here it is';

const VERDICTS: Readonly<Record<Exclude<FolderVerdict['verdict'], 'consistent'>, (failed: number) => string>> = {
  valid: () => 'Valid: everything holds.',
  incomplete: () => 'Not complete: the files are as the sheet says, and the sheet says that something is missing.',
  invalid: (failed) => `Invalid: ${failed} ${failed === 1 ? 'check does' : 'checks do'} not hold.`,
  undecided: () => 'Not decided: there is no evidence sheet to judge by.',
};
