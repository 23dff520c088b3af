import { askForRecoveryLink, issueRecoveryLink, type SetupLink } from '#libs/configuration';
import { system } from '#libs/kernel';
import { type Environment, openEngine, readEnvironment } from '#libs/platform';
import { answer, type CommandLineCommand, EXIT, JSON_FLAG, UndecidedError } from '../command.js';
import { folderIsHeld, logToStandardError, refuseAbsentFolder } from '../installation.js';

/** Longest wait for the server that holds the data folder, milliseconds. */
const SERVER_WAIT_MS = 10_000;

/** `gatebook recover-access`: a way back in for whoever may write to the host's data. */
export const recoverAccessCommand: CommandLineCommand = {
  name: 'recover-access',
  summary: 'print a one-time administrator link, valid for 15 minutes',
  usage: 'recover-access [--json]',
  explanation:
    'Needs no key: being able to write into the data folder, or to the database, is the proof. While a server holds the data folder it is\n' +
    'asked by a file there (recover-access.request), readable by its owner alone, so run this as the same user as the server.\n' +
    'The link is recorded in the log and raises an alarm in the server’s log.',
  positionals: 0,
  flags: JSON_FLAG,
  async run(args, terminal) {
    const environment = readEnvironment(terminal.env);
    refuseAbsentFolder(environment);
    const link = folderIsHeld(environment) ? await fromServer(environment) : await fromData(environment);
    answer(terminal, args, link, `${link.url}\nWorks once, until ${link.expiresAt}.`);
    return EXIT.done;
  },
};

async function fromServer({ dataDir }: Environment): Promise<SetupLink> {
  const link = await askForRecoveryLink(dataDir, SERVER_WAIT_MS);
  if (link) return link;
  throw new UndecidedError(
    'The server that holds the data folder did not answer. Run this as the user that the server runs as, or stop the server.',
  );
}

async function fromData(environment: Environment): Promise<SetupLink> {
  const log = logToStandardError();
  const { writePath, keyring, close } = await openEngine({ environment, log });
  try {
    const link = await issueRecoveryLink(
      { path: writePath, keyring, publicUrl: environment.publicUrl },
      system('recover-access'),
    );
    log.warn('ALARM: a one-time administrator link was made on the host');
    return link;
  } finally {
    await close();
  }
}
