import { createPrivateKey, X509Certificate } from 'node:crypto';
import { samlSettingsOf } from '#libs/configuration';
import { type ExplainedResponse, type SamlSettings, SamlVerifier, samlIdentityOf } from '#libs/federation';
import { readEnvironment } from '#libs/platform';
import { accepted, type CheckReport, NOBODY, reportText } from '../checks/check-report.js';
import { type ConnectionInFile, connectionIn, instantOf, textOf } from '../checks/connection-file.js';
import {
  type Arguments,
  answer,
  type CommandLineCommand,
  EXIT,
  type ExitCode,
  JSON_FLAG,
  type Terminal,
  textFlag,
  UndecidedError,
  WrongUseError,
} from '../command.js';

/** `gatebook saml check`: explains every check on a captured response, offline. */
export const samlCheckCommand: CommandLineCommand = {
  name: 'saml check',
  summary: 'explain every check on a captured SAML response, offline',
  usage: 'saml check --response FILE --connection FILE [--acs URL] [--at TIME] [--decryption-key FILE] [--json]',
  explanation:
    'The response is XML or the base64 of the form field SAMLResponse; the connection one element of connections: in YAML. The verifier is\n' +
    'the one that sign-ins go through. Which request a response answers cannot be known afterwards: that is not checked. Exit code 0: the\n' +
    'response is accepted; 1: it is refused. What the connection makes of the person is told beside it. Prints personal data of the response.',
  positionals: 0,
  flags: {
    response: { type: 'string', about: 'the captured response (required)' },
    connection: { type: 'string', about: 'the connection (required)' },
    acs: { type: 'string', about: 'where the response was posted; default: GATEBOOK_PUBLIC_URL/saml/CONNECTION/acs' },
    at: { type: 'string', about: 'the instant to judge it for, such as 2026-01-31T09:00:00Z; default: now' },
    'decryption-key': { type: 'string', about: 'private key (PEM) that the assertion was encrypted to' },
    ...JSON_FLAG,
  },
  async run(args, terminal) {
    const [responseFile, connectionFile] = [textFlag(args, 'response'), textFlag(args, 'connection')];
    if (!responseFile || !connectionFile) throw new WrongUseError('--response FILE and --connection FILE are needed.');
    const now = instantOf(textFlag(args, 'at'));
    const connection = await connectionIn(connectionFile, terminal, now);
    const settings = await settingsFor(connection, args, terminal);
    const response = await textOf(responseFile);
    const verifier = new SamlVerifier({ threads: 1 });
    try {
      return show(await verifier.explain({ settings, response, now }), connection, args, terminal);
    } finally {
      await verifier.close();
    }
  },
};

async function settingsFor(
  { id, settings }: ConnectionInFile,
  args: Arguments,
  { env }: Terminal,
): Promise<SamlSettings> {
  const { saml } = settings;
  if (saml === null) throw new UndecidedError(`The connection ${id} does not speak SAML.`);
  if (saml.metadata !== null)
    throw new UndecidedError(
      `The connection ${id} reads its metadata from an address, which is not asked here. Save it and name it as metadataFile.`,
    );
  const wrong = saml.certificates.findIndex((pem) => !isCertificate(pem));
  if (wrong >= 0) throw new UndecidedError(`Certificate ${wrong + 1} of the connection ${id} is none in PEM.`);
  const keyFile = textFlag(args, 'decryption-key');
  const keys = { signingKey: null, decryptionKeys: keyFile === undefined ? [] : [await privateKeyIn(keyFile)] };
  const known = samlSettingsOf(id, settings, readEnvironment(env).publicUrl, keys);
  const acsUrl = textFlag(args, 'acs') ?? known.acsUrl;
  const spEntityId = saml.spEntityId ?? ownEntityId(acsUrl) ?? known.spEntityId;
  return { ...known, acsUrl, spEntityId, signRequests: false };
}

/** What Gatebook calls itself where it is posted to, if that is one of its own addresses. */
function ownEntityId(acsUrl: string): string | undefined {
  return /\/saml\/[a-z0-9._-]+\/acs$/.test(acsUrl) ? acsUrl.replace(/acs$/, 'metadata') : undefined;
}

async function privateKeyIn(file: string): Promise<string> {
  const pem = await textOf(file);
  try {
    createPrivateKey(pem);
    return pem;
  } catch {
    throw new WrongUseError(`The file ${file} is not a private key in PEM.`);
  }
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).publicKey !== undefined;
  } catch {
    return false;
  }
}

function show(
  { accepted: isAccepted, checks, remarks, refusal, assertion }: ExplainedResponse,
  connection: ConnectionInFile,
  args: Arguments,
  terminal: Terminal,
): ExitCode {
  const report: CheckReport = {
    accepted: isAccepted,
    checks,
    remarks,
    refusal: refusal && { code: refusal.code, message: refusal.message },
    ...(assertion ? accepted(samlIdentityOf(assertion), connection) : NOBODY),
  };
  answer(terminal, args, report, reportText(report));
  if (refusal?.code === 'decryption-key-missing') return EXIT.undecided;
  return isAccepted ? EXIT.done : EXIT.refused;
}
