import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import type { Catalog } from '#libs/catalog';
import { SetupLinkInvalidError, type SetupLinkState, setupLinkDecider } from '#libs/domain';
import { decideAndAppend, deriveId, readAggregate } from '#libs/event-store';
import { system } from '#libs/kernel';
import {
  CATALOG,
  CLOCK,
  type Clock,
  equalInConstantTime,
  type PlatformRequest,
  readCookies,
  WRITE_PATH,
  type WritePath,
} from '#libs/platform';
import { type KnownConnection, known } from '../settings/known-connection.js';
import { readSetupPage, readSetupToken, setupLinkStream, setupPageOf, sha256 } from './setup-token.js';

const COOKIE_NAME = '__Host-gatebook-setup';
const COOKIE = { secure: true, httpOnly: true, sameSite: 'lax', path: '/' } as const;

/** Random bytes in the cookie of the one browser that may see a set-up page. */
const BROWSER_BYTES = 32;

/** A connection that somebody sets up by a link. */
export interface ConnectionSetup {
  readonly connection: KnownConnection;
  readonly link: string;
  readonly expiresAt: string;
}

/** Links to the set-up page of one connection: each opens it in one browser, until its time is over. */
@Injectable()
export class ConnectionSetups {
  constructor(
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CATALOG) private readonly catalog: Catalog,
  ) {}

  /** What an unused link opens. Uses nothing up. @throws {SetupLinkInvalidError} */
  async find(token: string): Promise<ConnectionSetup> {
    const { connection: id, id: link, secret } = readSetupToken(token);
    const { connection, state } = await this.#read(id, link);
    if (state.status !== 'open' || !equalInConstantTime(state.tokenSha256, sha256(secret)))
      throw new SetupLinkInvalidError();
    return { connection, link, expiresAt: state.expiresAt };
  }

  /** Uses a link up for this browser. @returns the path of the page @throws {SetupLinkInvalidError} */
  async open(token: string, requestId: string, response: Response): Promise<string> {
    const { connection, link, expiresAt } = await this.find(token);
    const browser = randomBytes(BROWSER_BYTES).toString('base64url');
    const commandId = deriveId(link, requestId);
    const now = this.clock.now().toISOString();
    await decideAndAppend(this.path, setupLinkStream(link, connection.tenant), setupLinkDecider, {
      type: 'UseSetupLink',
      data: { tokenSha256: sha256(readSetupToken(token).secret), key: null, browserSha256: sha256(browser) },
      metadata: {
        tenant: connection.tenant,
        actor: system('setup'),
        commandId,
        commandDigest: '',
        correlationId: requestId,
        now,
        deriveId: (name) => deriveId(commandId, name),
      },
    });
    response.cookie(COOKIE_NAME, browser, { ...COOKIE, expires: new Date(expiresAt) });
    return `/setup/${setupPageOf(connection.id, link)}`;
  }

  /** What a page shows to the browser that used its link. @throws {SetupLinkInvalidError} to every other one */
  async of(request: PlatformRequest, page: string): Promise<ConnectionSetup> {
    const named = readSetupPage(page);
    const browser = readCookies(request).get(COOKIE_NAME);
    if (!named || !browser) throw new SetupLinkInvalidError();
    const { connection, state } = await this.#read(named.connection, named.id);
    const isIts = state.browserSha256 !== null && equalInConstantTime(state.browserSha256, sha256(browser));
    if (!isIts) throw new SetupLinkInvalidError();
    return { connection, link: named.id, expiresAt: state.expiresAt };
  }

  /** Whether a link that was used for a connection still may try it out. @throws {SetupLinkInvalidError} */
  async stillUsed(connection: string, link: string): Promise<ConnectionSetup> {
    const found = await this.#read(connection, link);
    if (found.state.status !== 'used') throw new SetupLinkInvalidError();
    return { connection: found.connection, link, expiresAt: found.state.expiresAt };
  }

  async #read(id: string | null, link: string): Promise<{ connection: KnownConnection; state: SetupLinkState }> {
    const connection = id === null ? null : known((await this.catalog.current()).connection(id));
    if (!connection) throw new SetupLinkInvalidError();
    const { state } = await readAggregate(this.path, setupLinkStream(link, connection.tenant), setupLinkDecider);
    const itsOwn = state.purpose === 'connection' && state.connection === id;
    if (!itsOwn || this.clock.now().toISOString() >= state.expiresAt) throw new SetupLinkInvalidError();
    return { connection, state };
  }
}
