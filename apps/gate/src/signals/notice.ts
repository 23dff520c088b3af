import type { SignalReceived } from '#libs/contracts';
import type { KnownConnection } from '../settings/known-connection.js';

/** What sources notify us of. */
export type NoticeKind = SignalReceived['data']['kind'];

/** Whom a notice is about, in the words of its source. */
export interface NoticeAbout {
  /** NameID or `sub`, as at sign-ins; null where the notice names the person otherwise. */
  readonly subject: string | null;
  /** Which sessions; none: all of the person. */
  readonly sessionIndexes: readonly string[];
  /** An e-mail address or a user name, only from sources that may speak for it. */
  readonly known: { readonly by: 'verifiedEmail' | 'userName'; readonly value: string } | null;
  /** The account, where it is on record already. */
  readonly account?: string | null;
}

/** A source says by itself that something happened to a person, verified, or as good as the source can do. */
export interface Notice {
  readonly connection: KnownConnection;
  readonly kind: NoticeKind;
  readonly issuer: string;
  /** Unique per source: names the notice, so that it takes effect once. */
  readonly signalId: string;
  /** Whose signature was valid; null for a mere hint. */
  readonly keySha256: string | null;
  readonly about: NoticeAbout;
  /** Sessions that began later are not meant; null: the notice names sessions, or speaks of now. None that began after it came is, ever. */
  readonly begunBy: Date | null;
  readonly occurredAt: Date;
  readonly receivedAt: Date;
  /** From when on nothing would accept the notice any more. */
  readonly replayableUntil: string;
  /** Id of the HTTP request. */
  readonly requestId: string;
  readonly traceparent?: string | undefined;
}
