import { BEFORE_FIRST, type EventStore } from '#libs/event-store';
import { type CopyProgress, type CopyTarget, copyLog, planCopy, type StoreMoveProgress } from '#libs/ledger';
import {
  type Arguments,
  answer,
  type CommandLineCommand,
  EXIT,
  JSON_FLAG,
  type Terminal,
  textFlag,
  UndecidedError,
  WrongUseError,
} from '../command.js';
import { adopt, requireStopped, requireUsableByServers } from '../copy-log/adopt.js';
import { type Copied, copyText } from '../copy-log/copy-text.js';
import { type LogEnd, type OwnEnds, openEnd } from '../copy-log/log-end.js';
import { withInstallation } from '../installation.js';
import { progress } from '../progress.js';

const LABELS: Readonly<Record<CopyProgress['phase'], string>> = {
  comparing: 'comparing',
  copying: 'copying',
  verifying: 'reading both again',
};

interface Asked {
  readonly from: string;
  readonly to: string;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  readonly show: (progress: CopyProgress) => void;
  readonly showMove: (progress: StoreMoveProgress) => void;
}

/** `gatebook copy-log`: brings a log into another store, as it is. */
export const copyLogCommand: CommandLineCommand = {
  name: 'copy-log',
  summary: 'copy the event log to another store, and move the installation there',
  usage: 'copy-log --from ADDRESS --to ADDRESS [--adopt] [--dry-run] [--json]',
  explanation:
    'ADDRESS: postgresql://…, kurrentdb://… (esdb://…), file:FOLDER for a data folder that no server holds, or env:NAME for the variable that\n' +
    'holds one of these. Copies in order with the same ids, times and hashes, then reads both again and compares every event. The target must be\n' +
    'empty or hold what an earlier run copied: then it goes on there. Ctrl-C stops it at any time.\n' +
    'With --adopt, and all servers stopped, the database of this environment works with the target afterwards: checkpoints and sealed log are kept.',
  positionals: 0,
  flags: {
    from: { type: 'string', about: 'where the log is (required)' },
    to: { type: 'string', about: 'where it shall be (required)' },
    adopt: {
      type: 'boolean',
      about: 'move the installation of this environment to the target; all servers must be stopped',
    },
    'dry-run': { type: 'boolean', about: 'say what would be copied and write nothing' },
    ...JSON_FLAG,
  },
  async run(args, terminal) {
    const [from, to] = [addressIn(args, 'from', terminal), addressIn(args, 'to', terminal)];
    if (from === to) throw new WrongUseError('--from and --to name the same store.');
    const shown = progress(terminal, args.flags['json'] === true);
    const stop = new AbortController();
    const onInterrupt = () =>
      stop.abort(new UndecidedError('Stopped before the installation was moved: it is as it was.'));
    process.once('SIGINT', onInterrupt);
    try {
      const copied = await carryOut(args, terminal, {
        from,
        to,
        dryRun: args.flags['dry-run'] === true,
        signal: stop.signal,
        show: ({ phase, events, of }) => shown.show({ label: LABELS[phase], done: events, of }),
        showMove: ({ events, of }) => shown.show({ label: 'moving the installation', done: events, of }),
      });
      shown.end();
      answer(terminal, args, copied, copyText(copied));
      return EXIT.done;
    } finally {
      shown.end();
      process.off('SIGINT', onInterrupt);
    }
  },
};

/** @throws {WrongUseError} without one */
function addressIn(args: Arguments, flag: 'from' | 'to', { env }: Terminal): string {
  const text = textFlag(args, flag);
  const address = text?.startsWith('env:') ? env[text.slice('env:'.length)] : text;
  if (address) return address;
  throw new WrongUseError(text ? `--${flag} names a variable that is not set.` : `--${flag} ADDRESS is required.`);
}

function carryOut(args: Arguments, terminal: Terminal, asked: Asked): Promise<Copied> {
  if (args.flags['adopt'] !== true) return copy(asked, null);
  return withInstallation(terminal, { mayCreate: false }, (access) => {
    if (access.kind === 'server')
      throw new UndecidedError(
        '--adopt works on the data itself: stop all servers, unset GATEBOOK_URL, and run it where DATABASE_URL or the data folder is.',
      );
    requireUsableByServers(asked.to, access.environment);
    return copy(asked, access);
  });
}

async function copy(asked: Asked, own: OwnEnds | null): Promise<Copied> {
  const { dryRun, signal, show } = asked;
  if (own) await requireStopped(own.engine);
  const from = await openEnd(asked.from, false, own);
  if (!from) throw new UndecidedError('There is no event log at --from.');
  const to = await openEnd(asked.to, !dryRun, own).catch((error: unknown) =>
    from.close().then(() => Promise.reject(error)),
  );
  try {
    const options = { from: from.store, to: to ?? NOTHING, signal, onProgress: show };
    if (dryRun || !to) return { dryRun: true, ...(await planCopy(options)) };
    const report = await copyLog(options);
    if (own) await adopt(own.engine, to, report, { signal, onProgress: asked.showMove });
    return { dryRun: false, adopted: own !== null, ...report };
  } finally {
    await Promise.all([from, to].map((end: LogEnd | null) => end?.close()));
  }
}

/** A target that is still to be made. */
const NOTHING: CopyTarget = {
  together: 1,
  store: {
    readLog: async () => ({ events: [], through: BEFORE_FIRST }),
    append: (): ReturnType<EventStore['append']> => Promise.reject(new Error('A dry run writes nothing.')),
  },
};
