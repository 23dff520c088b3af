import { createTransport } from 'nodemailer';
import { NoticeDeliveryError } from './notice-delivery.error.js';
import type { NoticeText } from './notice-text.js';

/** Time for one mail server to answer, milliseconds. */
const TIMEOUT_MS = 10_000;

/** Mails on their way at a time. */
const CONNECTIONS_MAX = 2;

/** How mail is sent. */
export interface MailOptions {
  /** `smtp://` or `smtps://`, with user and password where the server wants them (`SMTP_URL`). */
  readonly url: string;
  /** Address that mail comes from (`SMTP_FROM`). */
  readonly from: string;
}

/** Sends mail through one server. */
export interface Mail {
  /**
   * Hands one mail to the server. The notice's id is its Message-ID, so that receivers can recognise a repeat.
   * @throws {NoticeDeliveryError} final for an address or a mail that the server refuses for good (5xx)
   */
  send(to: string, text: NoticeText, noticeId: string): Promise<void>;
  close(): void;
}

/** Opens a mail server; connects when there is something to send. Certificates of servers are checked. */
export function mail({ url, from }: MailOptions): Mail {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: CONNECTIONS_MAX,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  } as Parameters<typeof createTransport>[0]);
  const domain = from.split('@').at(-1)?.replace('>', '') ?? 'localhost';
  return {
    async send(to, { subject, text }, noticeId) {
      try {
        await transport.sendMail({
          from,
          // an object, never a list in a string: an address from outside must not become two
          to: { name: '', address: to },
          subject,
          text,
          messageId: `<${noticeId}@${domain}>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
      } catch (error) {
        const refusedForGood = (Number((error as { responseCode?: number }).responseCode) || 0) >= 500;
        throw new NoticeDeliveryError(refusedForGood ? 'refused' : 'unreachable', refusedForGood, { cause: error });
      }
    },
    close: () => transport.close(),
  };
}
