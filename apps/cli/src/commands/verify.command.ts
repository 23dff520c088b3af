import { type Verification, type VerificationProgress, verifySealedLog } from '#libs/ledger';
import { answer, type CommandLineCommand, EXIT, JSON_FLAG } from '../command.js';
import { type Access, withInstallation } from '../installation.js';
import { type Progress, progress } from '../progress.js';

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
    const verification = await withInstallation(terminal, { mayCreate: false }, (access) =>
      verify(access, progress(terminal, args.flags['json'] === true)),
    );
    answer(terminal, args, verification, verificationText(verification));
    return verification.problems === 0 ? EXIT.done : EXIT.refused;
  },
};

/** A server says nothing before it is done. */
async function verify(access: Access, shown: Progress): Promise<Verification> {
  try {
    shown.show({ label: 'reading the whole log', done: 0, of: 0 });
    if (access.kind === 'server') return await access.server.get<Verification>('/api/v1/ledger/verification');
    const onProgress = ({ events, of }: VerificationProgress) => shown.show({ label: 'verifying', done: events, of });
    return await verifySealedLog({ ...access.engine, onProgress });
  } finally {
    shown.end();
  }
}

function verificationText({ sealed, pending, missingTail, problems, findings }: Verification): string {
  const waiting = pending > 0 ? `; ${pending} events wait to be sealed` : '';
  if (problems === 0) return `${sealed} sealed events verified, no problems${waiting}`;
  return [
    `${problems} problems in ${sealed} sealed events${waiting}`,
    ...(missingTail > 0
      ? [
          `The event store ends ${missingTail} events before the sealed log: it was set back. Restore both to the same moment.`,
        ]
      : []),
    ...findings
      .slice(0, LISTED)
      .map(({ problem, storePosition, eventId }) => `  ${problem} at ${storePosition} (event ${eventId})`),
    ...(problems > LISTED ? ['  … more with --json'] : []),
  ].join('\n');
}
