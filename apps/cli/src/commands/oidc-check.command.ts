import { oidcSettingsOf } from '#libs/configuration';
import { checkIdToken } from '#libs/federation';
import { readEnvironment } from '#libs/platform';
import { accepted, type CheckReport, NOBODY, reportText } from '../checks/check-report.js';
import { connectionIn, instantOf, textOf } from '../checks/connection-file.js';
import {
  answer,
  type CommandLineCommand,
  EXIT,
  JSON_FLAG,
  textFlag,
  UndecidedError,
  WrongUseError,
} from '../command.js';

/** `gatebook oidc check`: explains every check on a captured ID token, offline. */
export const oidcCheckCommand: CommandLineCommand = {
  name: 'oidc check',
  summary: 'explain every check on a captured ID token, offline',
  usage: 'oidc check --token FILE --connection FILE [--jwks FILE] [--nonce TEXT] [--at TIME] [--json]',
  explanation:
    'The connection is one element of connections: in YAML. The checks are those that sign-ins go through. Without the provider’s key set\n' +
    '(its jwks_uri, saved as a file) the signature cannot be checked: then nothing is accepted, and the exit code is 2 unless another check\n' +
    'fails. Exit code 0: the token is accepted; 1: it is refused. Prints personal data of the token.',
  positionals: 0,
  flags: {
    token: { type: 'string', about: 'the ID token (required)' },
    connection: { type: 'string', about: 'the connection (required)' },
    jwks: { type: 'string', about: 'the provider’s key set, as JSON' },
    nonce: { type: 'string', about: 'the nonce of the request; without it, that is not checked' },
    at: { type: 'string', about: 'the instant to judge it for, such as 2026-01-31T09:00:00Z; default: now' },
    ...JSON_FLAG,
  },
  async run(args, terminal) {
    const [tokenFile, connectionFile] = [textFlag(args, 'token'), textFlag(args, 'connection')];
    if (!tokenFile || !connectionFile) throw new WrongUseError('--token FILE and --connection FILE are needed.');
    const at = instantOf(textFlag(args, 'at'));
    const connection = await connectionIn(connectionFile, terminal, at);
    const { oidc } = connection.settings;
    if (oidc === null) throw new UndecidedError(`The connection ${connection.id} does not speak OpenID Connect.`);
    const { publicUrl } = readEnvironment(terminal.env);
    // nothing is exchanged: no secret of the client is needed
    const surroundings = { publicUrl, clientSecret: null, privateKey: null };
    const settings = { ...oidcSettingsOf(connection.id, oidc, surroundings), tokenEndpointAuthMethod: 'none' } as const;
    const [jwks, nonce] = [textFlag(args, 'jwks'), textFlag(args, 'nonce')];
    const found = await checkIdToken(await textOf(tokenFile), settings, {
      at,
      ...(nonce === undefined ? {} : { nonce }),
      ...(jwks === undefined ? {} : { jwks: await keySetIn(jwks) }),
    });
    const failed = found.checks.find(({ passed }) => passed === false);
    const report: CheckReport = {
      accepted: found.accepted === true,
      checks: found.checks.map(({ check, passed, detail }) => ({ check, passed, detail })),
      remarks: [],
      refusal: failed ? { code: failed.code, message: failed.detail } : null,
      ...(found.identity ? accepted(found.identity, connection) : NOBODY),
    };
    answer(terminal, args, report, reportText(report));
    return found.accepted === null ? EXIT.undecided : found.accepted ? EXIT.done : EXIT.refused;
  },
};

async function keySetIn(file: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await textOf(file);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // told below, like any other file that is no key set
  }
  throw new WrongUseError(`The file ${file} is not a key set in JSON.`);
}
