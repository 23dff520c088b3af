import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { CommandMetadata } from '#libs/kernel';
import {
  type Caller,
  CLOCK,
  type Clock,
  CSRF_KEY,
  commandMetadata,
  csrfTokenOf,
  KEYRING,
  type Keyring,
  type PlatformRequest,
} from '#libs/platform';
import type { FormMarks } from './forms.page.js';
import { shownAt, spentMs } from './shown-at.js';

/** What forms carry unseen, and what is made of it when they come back. */
@Injectable()
export class PageForms {
  constructor(
    @Inject(CSRF_KEY) private readonly csrfKey: Buffer,
    @Inject(KEYRING) private readonly keyring: Keyring,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @param what id of the item, or the name of the list that is shown */
  marks({ sessionToken = '' }: PlatformRequest, what: string): FormMarks {
    const csrf = csrfTokenOf(this.csrfKey, sessionToken);
    const shown = shownAt(this.keyring, { session: sessionToken, what }, this.clock.now());
    return { csrf, once: randomUUID(), shown };
  }

  /** How long the form was looked at, in milliseconds; null where it does not tell. */
  spentMs({ sessionToken = '' }: PlatformRequest, what: string, shown: unknown): number | null {
    return spentMs(this.keyring, { session: sessionToken, what }, shown, this.clock.now());
  }

  /**
   * Metadata for what a form asks. A form that is sent twice is one command.
   * @throws {IdempotencyKeyRequiredError | InvalidIdempotencyKeyError} when the form is none of ours
   */
  metadata(
    {
      caller,
      request,
      tenant,
    }: { readonly caller: Caller; readonly request: PlatformRequest; readonly tenant: string },
    once: string | undefined,
    entered: object,
  ): CommandMetadata {
    const { keyring, clock } = this;
    return commandMetadata({ caller, request, body: entered, idempotencyKey: once, tenant, keyring, clock });
  }
}
