import { createHash } from 'node:crypto';
import { SetupLinkInvalidError } from '#libs/domain';
import { INSTALLATION_TENANT, streamName } from '#libs/kernel';

/** A link's token: its id and a 256-bit secret, after the connection that it sets up, if that is its purpose. */
const TOKEN = /^(?:([a-z0-9][a-z0-9._-]{0,62})~)?([0-9a-f-]{36})\.([A-Za-z0-9_-]{43})$/;

/** The set-up page of a connection, once its link is used: no secret in it. */
const PAGE = /^([a-z0-9][a-z0-9._-]{0,62})~([0-9a-f-]{36})$/;

/** The parts of a one-time link. */
export interface SetupToken {
  readonly connection: string | null;
  readonly id: string;
  readonly secret: string;
}

/** Reads the token of a link. @throws {SetupLinkInvalidError} */
export function readSetupToken(token: string): SetupToken {
  const [, connection = null, id, secret] = TOKEN.exec(token) ?? [];
  if (!id || !secret) throw new SetupLinkInvalidError();
  return { connection, id, secret };
}

/** Reads the address of a set-up page; null for anything else. */
export function readSetupPage(address: string): Omit<SetupToken, 'secret'> | null {
  const [, connection, id] = PAGE.exec(address) ?? [];
  return connection && id ? { connection, id } : null;
}

/** The last part of the address of a set-up page. */
export const setupPageOf = (connection: string, link: string): string => `${connection}~${link}`;

/** Links for keys belong to the installation, those of a connection to its tenant. */
export const setupLinkStream = (id: string, tenant: string = INSTALLATION_TENANT): string =>
  streamName({ category: 'setupLink', tenant, id });

/** SHA-256 in hex: all that is kept of secrets that are random. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
