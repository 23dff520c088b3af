export { type Mail, type MailOptions, mail } from './mail.js';
export { isNoticeKind, type Notice, type NoticeChannel, type NoticeKind, type NoticeSubject } from './notice.js';
export { NoticeDeliveryError } from './notice-delivery.error.js';
export {
  NoticeOutbox,
  type NoticeOutboxDependencies,
  type QueuedNotice,
  RETRY_AFTER_SECONDS,
} from './notice-outbox.js';
export { type NoticePlace, type NoticeText, noticeText } from './notice-text.js';
export { noticeMigrations } from './notices.migration.js';
export {
  postMessage,
  postWebhook,
  signedMessage,
  type WebhookMessage,
  type WebhookNews,
  type WebhookTarget,
  webhookMessage,
} from './webhook.js';
