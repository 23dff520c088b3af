import { countDifferences } from '#libs/read-model';
import { answer, type CommandLineCommand, EXIT, JSON_FLAG } from '../command.js';
import { outcomeText } from '../outcome-text.js';
import { carryOutJob } from '../projection-jobs.js';

/** `gatebook verify-projections`: whether the read model is what the log says. */
export const verifyProjectionsCommand: CommandLineCommand = {
  name: 'verify-projections',
  summary: 'rebuild projections beside the live ones, compare, and record the outcome',
  usage: 'verify-projections [PROJECTION…] [--json]',
  explanation:
    'Changes nothing in the read model. Without names, every projection. Each outcome is recorded in the log (ProjectionVerified).\n' +
    'Good to run every night. Exit code 0: nothing differs. 1: something differs ("gatebook rebuild" mends it). 2: it could not be checked.',
  positionals: { atLeast: 0 },
  flags: JSON_FLAG,
  async run(args, terminal) {
    const outcomes = await carryOutJob({ kind: 'verify', projections: args.positionals }, args, terminal);
    answer(terminal, args, { outcomes }, outcomeText(outcomes, 'verified'));
    const differing = outcomes.some(({ differences }) => countDifferences(differences) > 0);
    return differing ? EXIT.refused : EXIT.done;
  },
};
