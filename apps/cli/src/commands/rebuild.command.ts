import { randomUUID } from 'node:crypto';
import { planRebuilds, type RebuildPlan } from '#libs/read-model';
import {
  type Arguments,
  answer,
  type CommandLineCommand,
  EXIT,
  JSON_FLAG,
  type Terminal,
  WrongUseError,
} from '../command.js';
import { withInstallation } from '../installation.js';
import { outcomeText } from '../outcome-text.js';
import { carryOutJob } from '../projection-jobs.js';

/** `gatebook rebuild`: makes projections anew from the log, beside the live ones. */
export const rebuildCommand: CommandLineCommand = {
  name: 'rebuild',
  summary: 'make projections of the read model anew from the log, while everything goes on',
  usage: 'rebuild PROJECTION… | --all [--dry-run] [--json]',
  explanation:
    'Fills new tables beside the live ones straight from the event store, compares them, and puts them in their place at one stroke; readers\n' +
    'see the old rows, then the new ones. Says how the live rows differed. Interrupted, run it again: it goes on where it stopped.',
  positionals: { atLeast: 0 },
  flags: {
    all: { type: 'boolean', about: 'every projection, one after the other' },
    'dry-run': { type: 'boolean', about: 'say what would be read and how much space it takes, and change nothing' },
    ...JSON_FLAG,
  },
  async run(args, terminal) {
    const projections = projectionsIn(args);
    if (args.flags['dry-run']) return plan(projections, args, terminal);
    const outcomes = await carryOutJob({ kind: 'rebuild', projections }, args, terminal);
    answer(terminal, args, { outcomes }, outcomeText(outcomes, 'rebuilt'));
    return EXIT.done;
  },
};

/** None stands for all, so none may not be said by mistake. */
function projectionsIn({ positionals, flags }: Arguments): readonly string[] {
  if (positionals.length > 0 === (flags['all'] === true))
    throw new WrongUseError('Name the projections to rebuild, or say --all.');
  return positionals;
}

async function plan(projections: readonly string[], args: Arguments, terminal: Terminal) {
  const plans = await withInstallation(terminal, { mayCreate: false }, (access) =>
    access.kind === 'server'
      ? access.server
          .post<{ plans: RebuildPlan[] }>('/api/v1/projections/plans', { projections }, randomUUID())
          .then(({ plans: found }) => found)
      : planRebuilds(access.engine.database, projections),
  );
  answer(terminal, args, { plans }, plans.map(planText).join('\n'));
  return EXIT.done;
}

function planText({ projection, events, estimatedSeconds, bytes, interruptedAt }: RebuildPlan): string {
  const begun = interruptedAt === null ? '' : `; goes on after position ${interruptedAt}`;
  const space = bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${Math.ceil(bytes / 1e6)} MB`;
  return `${projection}: would read up to ${events} events, about ${estimatedSeconds} s, ${space} of space meanwhile${begun}`;
}
