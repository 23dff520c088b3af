import { Inject, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import type { Catalog } from '#libs/catalog';
import { SignInRefusedError } from '#libs/domain';
import { CATALOG, CLOCK, type Clock, ENVIRONMENT, type Environment, type PlatformRequest } from '#libs/platform';
import { known } from '../settings/known-connection.js';
import type { Brought } from '../sign-in/browser-sign-ins.js';
import { PendingSignIns } from '../sign-in/pending-sign-ins.js';
import { PROTOCOL } from '../sign-in/sign-in.count.js';
import { SignInNotUnderWayError } from '../sign-in/sign-in-not-under-way.error.js';
import { UnknownConnectionError } from '../sign-in/unknown-connection.error.js';
import { CodeSignIns } from './code-sign-ins.js';

/** Turns what a provider sent a browser back with into a verified identity, bound to the browser and the connection that it belongs to. */
@Injectable()
export class CodeAnswers {
  constructor(
    private readonly pending: PendingSignIns,
    private readonly codes: CodeSignIns,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ENVIRONMENT) private readonly environment: Pick<Environment, 'publicUrl'>,
  ) {}

  /**
   * The first answer ends the sign-in, whatever comes of it: a code is tried once, and by the browser that asked for it.
   * @throws {SignInNotUnderWayError} before anything is asked of the provider; what the protocol refuses
   */
  async read(request: PlatformRequest, response: Response, id: string): Promise<Brought> {
    const connection = known((await this.catalog.current()).connection(id));
    if (!connection || !speaksCodes(connection.settings.protocol)) throw new UnknownConnectionError();
    response.locals[PROTOCOL] = connection.settings.protocol;
    const transaction = await this.pending.take(request, response, id, request.query['state']);
    if (!transaction) throw new SignInNotUnderWayError();
    if (!connection.enabled && transaction.testOf === null) throw new SignInRefusedError('connection-disabled');
    const identity = await this.codes.finish(connection, {
      callbackUrl: new URL(request.originalUrl, this.environment.publicUrl),
      state: transaction.id,
      ...transaction.secrets,
      now: this.clock.now(),
    });
    return { connection: id, identity, transaction };
  }
}

const speaksCodes = (protocol: string): boolean => protocol === 'oidc' || protocol === 'oauth2';
