import { parseArgs } from 'node:util';
import { DomainError } from '#libs/kernel';
import { describeError, EnvironmentRefusedError, SOFTWARE_VERSION } from '#libs/platform';
import {
  type CommandLineCommand,
  EXIT,
  type ExitCode,
  type Terminal,
  UndecidedError,
  WrongUseError,
} from './command.js';
import { applyCommand } from './commands/apply.command.js';
import { copyLogCommand } from './commands/copy-log.command.js';
import { oidcCheckCommand } from './commands/oidc-check.command.js';
import { parkedListCommand, parkedReplayCommand } from './commands/parked.command.js';
import { rebuildCommand } from './commands/rebuild.command.js';
import { recoverAccessCommand } from './commands/recover-access.command.js';
import { reportCreateCommand } from './commands/report-create.command.js';
import { reportGetCommand } from './commands/report-get.command.js';
import { reportSampleCommand } from './commands/report-sample.command.js';
import { reportVerifyCommand } from './commands/report-verify.command.js';
import { republishCommand } from './commands/republish.command.js';
import { samlCheckCommand } from './commands/saml-check.command.js';
import { verifyCommand } from './commands/verify.command.js';
import { verifyProjectionsCommand } from './commands/verify-projections.command.js';
import { type FieldProblem, ServerRefusedError } from './server-client.js';

const COMMANDS: readonly CommandLineCommand[] = [
  applyCommand,
  copyLogCommand,
  oidcCheckCommand,
  parkedListCommand,
  parkedReplayCommand,
  rebuildCommand,
  recoverAccessCommand,
  reportCreateCommand,
  reportGetCommand,
  reportSampleCommand,
  reportVerifyCommand,
  republishCommand,
  samlCheckCommand,
  verifyCommand,
  verifyProjectionsCommand,
];

/** Runs what stands after `gatebook`. Never throws: every outcome is an exit code and a text. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const command = COMMANDS.find(({ name }) => name === args.slice(0, name.split(' ').length).join(' '));
  if (command) return runCommand(command, args.slice(command.name.split(' ').length), terminal);
  if (args.includes('--version')) {
    terminal.out(`${SOFTWARE_VERSION}\n`);
    return EXIT.done;
  }
  if (args.includes('--help') || args.includes('-h')) {
    terminal.out(overview());
    return EXIT.done;
  }
  terminal.err(args.length === 0 ? overview() : `There is no such command.\n\n${overview()}`);
  return EXIT.undecided;
}

async function runCommand(command: CommandLineCommand, args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  if (args.includes('--help') || args.includes('-h')) {
    terminal.out(helpOf(command));
    return EXIT.done;
  }
  try {
    return await command.run(parse(command, args), terminal);
  } catch (error) {
    return fail(error, args.includes('--json'), command, terminal);
  }
}

function parse(command: CommandLineCommand, args: readonly string[]) {
  const { flags } = command;
  const options = Object.fromEntries(Object.entries(flags).map(([name, { type }]) => [name, { type }]));
  const parsed = (() => {
    try {
      return parseArgs({ args: [...args], options, allowPositionals: true, strict: true, tokens: true });
    } catch (error) {
      throw new WrongUseError(`${(error as Error).message.replace(/\.$/, '')}.`);
    }
  })();
  refuseWrongNumber(command, parsed.positionals.length);
  refuseRepeated(
    parsed.tokens.flatMap((token) => (token.kind === 'option' && token.value !== undefined ? [token.name] : [])),
  );
  return { positionals: parsed.positionals, flags: parsed.values as Record<string, string | boolean | undefined> };
}

/** @throws {WrongUseError} */
function refuseWrongNumber({ name, usage, positionals: wanted }: CommandLineCommand, given: number): void {
  if (typeof wanted !== 'number') {
    if (given < wanted.atLeast) throw new WrongUseError(`It takes at least ${wanted.atLeast} names.`);
  } else if (given !== wanted) {
    const [word] = usage.slice(name.length + 1).split(' '); // what the usage calls it: FILE, KIND, ID
    throw new WrongUseError(wanted === 0 ? 'It takes nothing besides its options.' : `It takes exactly one ${word}.`);
  }
}

/** Only the last of two values would count, and the answer would not say so. @throws {WrongUseError} */
function refuseRepeated(valued: readonly string[]): void {
  const twice = valued.find((name, index) => valued.indexOf(name) !== index);
  if (twice !== undefined) throw new WrongUseError(`--${twice} is given twice. Give it once.`);
}

/** Tells what went wrong, as JSON on standard output where that was asked for. */
function fail(error: unknown, json: boolean, command: CommandLineCommand, { out, err }: Terminal): ExitCode {
  const { exit, code, message, details, errors = [] } = meaningOf(error);
  const more = { ...(details ? { details } : {}), ...(errors.length > 0 ? { errors } : {}) };
  if (json) out(`${JSON.stringify({ error: { code, message, ...more } }, null, 2)}\n`);
  else err([message, ...errors.map(({ field, problem }) => `  ${field}: ${problem}`), ''].join('\n'));
  if (error instanceof WrongUseError && !json) err(`\nUsage: gatebook ${command.usage}\n`);
  return exit;
}

interface Meaning {
  readonly exit: ExitCode;
  readonly code: string;
  readonly message: string;
  readonly details?: object | undefined;
  readonly errors?: readonly FieldProblem[];
}

function meaningOf(error: unknown): Meaning {
  if (error instanceof WrongUseError) return { exit: EXIT.undecided, code: 'wrong-use', message: error.message };
  if (error instanceof UndecidedError) return { exit: EXIT.undecided, code: 'undecided', message: error.message };
  if (error instanceof ServerRefusedError) {
    const { status, code, message, details, errors } = error;
    const exit = status >= 500 || NOT_LET_IN.has(status) ? EXIT.undecided : EXIT.refused;
    return { exit, code, message, details, errors };
  }
  if (error instanceof DomainError) {
    const undecided =
      error.kind === 'unavailable' || error instanceof EnvironmentRefusedError || CANNOT_OPEN.has(error.code);
    const { code, message, details } = error;
    return { exit: undecided ? EXIT.undecided : EXIT.refused, code, message, details };
  }
  const { type, message } = describeError(error);
  return { exit: EXIT.undecided, code: 'internal-error', message: `Something went wrong here: ${type}: ${message}` };
}

/** Answers to the key rather than to what was asked: wrong, without the right, too often. */
const NOT_LET_IN: ReadonlySet<number> = new Set([401, 403, 429]);

/** Refusals that say nothing about what was asked, but that it could not be looked at. */
const CANNOT_OPEN: ReadonlySet<string> = new Set([
  'data-folder-in-use',
  'installation-mismatch',
  'installation-running',
  'database-newer-than-software',
  'keyring-mismatch',
]);

function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  return [
    'Usage: gatebook COMMAND [--help]',
    '',
    ...COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    `  ${'--version'.padEnd(width)}  print the version`,
    '',
    'Works on the data folder (GATEBOOK_DATA_DIR) or DATABASE_URL; while a server holds the data folder, through that server',
    '(GATEBOOK_URL, GATEBOOK_API_KEY). Exit codes: 0 done, 1 refused or invalid, 2 could not decide or wrong use.',
    '',
  ].join('\n');
}

function helpOf({ usage, summary, explanation, flags }: CommandLineCommand): string {
  const lines = Object.entries(flags).map(([name, { about }]) => `  --${name.padEnd(14)}  ${about}`);
  return [
    `Usage: gatebook ${usage}`,
    '',
    `${summary[0]?.toUpperCase()}${summary.slice(1)}.`,
    '',
    explanation,
    '',
    ...lines,
    '',
  ].join('\n');
}
