import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import type { VerifiedIdentity } from '#libs/federation';
import { type PlatformRequest, traceparentOf } from '#libs/platform';
import { BrowserSessions } from '../session/browser-sessions.js';
import { TestSignIns } from '../setup/test-sign-ins.js';
import { clientOf } from './client.js';
import { PendingSignIns, type UnderWay } from './pending-sign-ins.js';
import { SignIns } from './sign-ins.js';

/** Where people land whom the identity provider sent unasked: nothing in such an answer may choose the page. */
const LANDING_PAGE = '/me';

/** An identity that a browser brought from its provider. */
export interface Brought {
  readonly connection: string;
  readonly identity: VerifiedIdentity;
  /** The sign-in that this browser began; null where the identity provider began it. */
  readonly transaction: UnderWay | null;
}

/** Ends a browser's way through its identity provider: with a session, or with what a test would have come to. */
@Injectable()
export class BrowserSignIns {
  constructor(
    private readonly signIns: SignIns,
    private readonly pending: PendingSignIns,
    private readonly sessions: BrowserSessions,
    private readonly tests: TestSignIns,
  ) {}

  /** Answers the request: 303 to where the person wanted to go. @throws whatever refuses the person, recorded */
  async finish(request: PlatformRequest, response: Response, brought: Brought): Promise<void> {
    const { connection, identity, transaction } = brought;
    if (transaction?.testOf) {
      await this.pending.end(response, transaction);
      return this.tests.show(response, { connection, identity, setupLink: transaction.testOf });
    }
    const signIn = {
      connection,
      identity,
      client: clientOf(request),
      requestId: request.id,
      traceparent: traceparentOf(request),
    };
    await this.signIns.run(signIn, transaction?.id ?? null, (outcome) =>
      this.sessions.start(request, response, outcome, {
        connection,
        unwanted: transaction === null || transaction.crossSite,
        identity,
      }),
    );
    if (transaction) await this.pending.end(response, transaction);
    response.redirect(303, transaction?.returnTo ?? LANDING_PAGE);
  }
}
