import { createHmac } from 'node:crypto';
import type { Notice } from './notice.js';
import { NoticeDeliveryError } from './notice-delivery.error.js';

/** Where a tenant's notices go, and what proves that they come from us. */
export interface WebhookTarget {
  readonly url: string;
  /** Shared with the receiver. */
  readonly secret: string;
}

/** One request as it is sent. */
export interface WebhookMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends over HTTP; the one guarded way out. */
type Send = typeof globalThis.fetch;

/** What a receiver is told of, whatever it is. */
export interface WebhookNews {
  /** The same for every attempt, so that a receiver can tell a repeat. */
  readonly id: string;
  readonly type: string;
  readonly data: object;
}

/**
 * Writes news for a webhook, signed as Standard Webhooks has it: HMAC-SHA256 over `id.timestamp.body`, in `webhook-signature` as
 * `v1,<base64>`. A secret that begins with `whsec_` is base64, any other is taken as it is. Pure.
 */
export function signedMessage({ id, type, data }: WebhookNews, secret: string, now: Date): WebhookMessage {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const body = JSON.stringify({ type, timestamp: now.toISOString(), data });
  return {
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': webhookSignature(secret, `${id}.${timestamp}.${body}`),
    },
    body,
  };
}

/** Writes a notice for a webhook, signed. The body holds ids and no personal data. Pure. */
export function webhookMessage(notice: Notice, secret: string, now: Date): WebhookMessage {
  const { id, tenant, kind, about, dueAt } = notice;
  return signedMessage({ id, type: kind, data: { id, tenant, about, dueAt } }, secret, now);
}

/** Signs `id.timestamp.body` (Standard Webhooks, symmetric). */
export function webhookSignature(secret: string, content: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : secret;
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
}

/**
 * Posts a notice to its tenant's receiver, which has to answer 2xx.
 * @throws {NoticeDeliveryError} to be tried again, unless the receiver says 410: it wants no more of them
 */
export async function postWebhook(send: Send, target: WebhookTarget, notice: Notice, now: Date): Promise<void> {
  await postMessage(send, target.url, webhookMessage(notice, target.secret, now));
}

/**
 * Posts a message to a receiver, which has to answer 2xx.
 * @throws {NoticeDeliveryError} as `postWebhook` does
 */
export async function postMessage(send: Send, url: string, message: WebhookMessage): Promise<void> {
  const status = await answered(send, url, message);
  if (status >= 200 && status < 300) return;
  throw new NoticeDeliveryError('refused', status === 410);
}

async function answered(send: Send, url: string, { headers, body }: WebhookMessage): Promise<number> {
  try {
    return (await send(url, { method: 'POST', headers, body })).status;
  } catch (error) {
    throw new NoticeDeliveryError('unreachable', false, { cause: error });
  }
}
