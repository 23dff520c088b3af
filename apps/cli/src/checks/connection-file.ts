import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  ConfigurationInvalidError,
  type ConnectionConfiguration,
  connectionAsWritten,
  fileReferences,
  type References,
  readConnectionFile,
  withMetadataFile,
} from '#libs/configuration';
import type { ConnectionSettings } from '#libs/contracts';
import { DomainError } from '#libs/kernel';
import { readInstant } from '#libs/platform';
import { type Terminal, UndecidedError, WrongUseError } from '../command.js';

/** A connection as a file describes it. */
export interface ConnectionInFile {
  readonly id: string;
  readonly settings: ConnectionSettings;
}

/**
 * Reads one element of `connections:`. What it refers to beside itself, directories and roles, is not looked for.
 * @throws {WrongUseError} when there is no such file
 * @throws {UndecidedError} when it does not describe a connection
 */
export async function connectionIn(file: string, { env }: Terminal, now: Date): Promise<ConnectionInFile> {
  const text = await textOf(file);
  const connection = await read(text, withoutSecrets(fileReferences(dirname(file), env)), now).catch(
    (error: unknown) => {
      if (!(error instanceof DomainError)) throw error;
      const reason = error instanceof ConfigurationInvalidError ? problemsIn(error) : error.message;
      throw new UndecidedError(`The file ${file} does not describe a connection: ${reason}`, { cause: error });
    },
  );
  const { rules, ...settings } = connectionAsWritten(connection);
  return { id: connection.id, settings: { ...settings, rules: rules.map((rule) => ({ ...rule, version: 1 })) } };
}

async function read(text: string, references: References, now: Date): Promise<ConnectionConfiguration> {
  return withMetadataFile(readConnectionFile(text, references, null), now);
}

/** A check signs nobody in: it needs no secret, and none has to be there. */
const withoutSecrets = (references: References): References => ({
  resolve: (reference, as) => (reference.startsWith('env:') ? 'not needed here' : references.resolve(reference, as)),
});

const problemsIn = ({ problems }: ConfigurationInvalidError): string =>
  problems.map(({ line, path, problem }) => `${line === null ? '' : `line ${line}: `}${path} ${problem}`).join('; ');

/** The text of a file. @throws {WrongUseError} when it cannot be read */
export async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => {
    throw new WrongUseError(`The file ${file} cannot be read.`);
  });
}

/** The instant of a flag, or now. @throws {WrongUseError} */
export function instantOf(text: string | undefined): Date {
  if (text === undefined) return new Date();
  const instant = readInstant(text);
  if (instant === null) throw new WrongUseError('--at must be an instant in UTC such as 2026-01-31T09:00:00Z.');
  return new Date(instant);
}
