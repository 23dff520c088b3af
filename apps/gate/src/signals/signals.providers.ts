import type { Provider, Type } from '@nestjs/common';
import { SecurityEventVerifier } from '#libs/federation';
import { providerClient } from '../oidc/clients.providers.js';
import { AccountNotices } from './account-notices.js';
import { EventHooksController } from './event-hooks.controller.js';
import { EventHooks } from './event-hooks.js';
import { NoticeCompletion } from './notice-completion.js';
import { NoticeRecords } from './notice-records.js';
import { NoticedPeople } from './noticed-people.js';
import { Notices } from './notices.js';
import { SecurityEventsController } from './security-events.controller.js';
import { SecurityEvents } from './security-events.js';
import { SignalSender } from './signal-sender.js';

/** Where sources send notices by themselves. */
export const SIGNAL_CONTROLLERS: readonly Type[] = [SecurityEventsController, EventHooksController];

/** What takes the notices of sources, however they come. */
export const SIGNAL_PROVIDERS: readonly Provider[] = [
  providerClient(SecurityEventVerifier),
  AccountNotices,
  EventHooks,
  NoticedPeople,
  NoticeCompletion,
  NoticeRecords,
  Notices,
  SecurityEvents,
  SignalSender,
];
