import { readFile } from 'node:fs/promises';
import { SamlVerifier } from '#libs/federation';
import { readInstant } from '#libs/platform';
import { answer, type CommandLineCommand, EXIT, JSON_FLAG, textFlag, WrongUseError } from '../command.js';
import { withInstallation } from '../installation.js';
import { knownConnection } from '../saml-check/known-connection.js';
import { trySignIn } from '../saml-check/sign-in-trial.js';
import { trialText } from '../saml-check/trial-text.js';

/** `gatebook saml check`: what a sign-in with a captured response would do. */
export const samlCheckCommand: CommandLineCommand = {
  name: 'saml check',
  summary: 'show what a sign-in with a captured SAML response would do',
  usage: 'saml check FILE --connection ID [--request-id ID] [--at INSTANT] [--json]',
  explanation:
    'FILE holds the response as XML or as the base64 of the form field SAMLResponse. The verifier is the one that sign-ins go through.\n' +
    'Prints personal data of the response. Changes nothing.',
  positionals: 1,
  flags: {
    connection: { type: 'string', about: 'id of the connection that the response came through (required)' },
    'request-id': { type: 'string', about: 'id of the request that it answers; without it, it came unasked' },
    at: { type: 'string', about: 'the instant of the sign-in, such as 2026-01-31T09:00:00Z; default: now' },
    ...JSON_FLAG,
  },
  async run(args, terminal) {
    const [file] = args.positionals as [string];
    const id = textFlag(args, 'connection');
    if (!id) throw new WrongUseError('--connection ID says which connection the response came through.');
    const samlResponse = await responseIn(file);
    const now = instantOf(textFlag(args, 'at'));
    const connection = await withInstallation(terminal, { mayCreate: false }, (access) => knownConnection(access, id));
    const verifier = new SamlVerifier({ threads: 1 });
    try {
      const pendingRequestId = textFlag(args, 'request-id') ?? null;
      const trial = await trySignIn(verifier, connection, { samlResponse, pendingRequestId, now });
      answer(terminal, args, trial, trialText(trial));
      return trial.refusal === null ? EXIT.done : EXIT.refused;
    } finally {
      await verifier.close();
    }
  },
};

async function responseIn(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new WrongUseError(`The file ${file} cannot be read.`);
  });
  return /^\s*</.test(text) ? Buffer.from(text.trim()).toString('base64') : text.trim();
}

function instantOf(text: string | undefined): Date {
  if (text === undefined) return new Date();
  const instant = readInstant(text);
  if (instant === null) throw new WrongUseError('--at must be an instant in UTC such as 2026-01-31T09:00:00Z.');
  return new Date(instant);
}
