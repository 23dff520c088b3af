import { type Verification, verifySealedLog } from '#libs/ledger';
import { answer, type CommandLineCommand, EXIT, JSON_FLAG } from '../command.js';
import { withInstallation } from '../installation.js';

/** Findings that are listed for people; `--json` has up to 1,000. */
const LISTED = 20;

/** `gatebook verify`: whether the sealed log is what the events say. */
export const verifyCommand: CommandLineCommand = {
  name: 'verify',
  summary: 'recompute the sealed log from the events and compare',
  usage: 'verify [--json]',
  explanation:
    'Checks that positions are dense, that events and sealed rows are one to one, that revisions have no gaps, and every hash.\n' +
    'Exit code 0: every check held. 1: something differs. 2: it could not be checked.',
  positionals: 0,
  flags: JSON_FLAG,
  async run(args, terminal) {
    if (terminal.isScreen) terminal.err('Reading the whole log …\n');
    const verification = await withInstallation(terminal, { mayCreate: false }, (access) =>
      access.kind === 'server'
        ? access.server.get<Verification>('/api/v1/ledger/verification')
        : verifySealedLog(access.engine),
    );
    answer(terminal, args, verification, verificationText(verification));
    return verification.problems === 0 ? EXIT.done : EXIT.refused;
  },
};

function verificationText({ sealed, pending, problems, findings }: Verification): string {
  const waiting = pending > 0 ? `; ${pending} events wait to be sealed` : '';
  if (problems === 0) return `${sealed} sealed events verified, no problems${waiting}`;
  return [
    `${problems} problems in ${sealed} sealed events${waiting}`,
    ...findings
      .slice(0, LISTED)
      .map(({ problem, storePosition, eventId }) => `  ${problem} at ${storePosition} (event ${eventId})`),
    ...(problems > LISTED ? ['  … more with --json'] : []),
  ].join('\n');
}
