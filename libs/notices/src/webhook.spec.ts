import type { Notice } from './notice.js';
import { NoticeDeliveryError } from './notice-delivery.error.js';
import { postWebhook, webhookMessage, webhookSignature } from './webhook.js';

/** What a tenant's receiver gets, and what becomes of its answers. */

const NOW = new Date('2026-03-02T08:00:00.000Z');
const notice: Notice = {
  id: '0b4e6a7e-6f1b-5c39-9a55-5f3c1c0f6b11',
  tenant: 'acme',
  kind: 'review-items',
  channel: 'webhook',
  recipient: null,
  about: { noun: 'review', id: '5e3cf5c2-8c0b-5d5d-8f0e-2a5b7c9d1e21', items: 3 },
  dueAt: '2026-03-09T08:00:00.000Z',
};

describe('a notice by webhook', () => {
  it('is signed as Standard Webhooks has it, by their published example', () => {
    const content = 'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}';
    expect(webhookSignature('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', content)).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    );
  });

  it('signs id, time and body together: a changed body does not fit', () => {
    const { headers, body } = webhookMessage(notice, 'a secret', NOW);
    const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.`;
    expect(webhookSignature('a secret', content + body)).toBe(headers['webhook-signature']);
    expect(webhookSignature('a secret', `${content}${body} `)).not.toBe(headers['webhook-signature']);
    expect(webhookSignature('another', content + body)).not.toBe(headers['webhook-signature']);
  });

  it('holds ids and nothing else about anybody', () => {
    expect(JSON.parse(webhookMessage(notice, 'a secret', NOW).body)).toEqual({
      type: 'review-items',
      timestamp: '2026-03-02T08:00:00.000Z',
      data: { id: notice.id, tenant: 'acme', about: notice.about, dueAt: notice.dueAt },
    });
  });

  const post = (answer: () => Promise<Response>) =>
    postWebhook(answer as typeof fetch, { url: 'https://hooks.acme.example', secret: 'a secret' }, notice, NOW);

  it('is done with when the receiver says so', async () => {
    await expect(post(async () => new Response(null, { status: 204 }))).resolves.toBeUndefined();
  });

  it.each([
    [500, false],
    [302, false],
    [400, false],
    [410, true],
  ])('answered with %i is not delivered; for good: %s', async (status, final) => {
    await expect(post(async () => new Response(null, { status }))).rejects.toMatchObject({ code: 'refused', final });
  });

  it('that nobody answers is tried again', async () => {
    const unreachable = post(() => Promise.reject(new Error('no route to hooks.acme.example')));
    await expect(unreachable).rejects.toEqual(new NoticeDeliveryError('unreachable', false));
    await expect(unreachable).rejects.not.toThrow('hooks.acme.example');
  });
});
