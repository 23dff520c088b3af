import { AppendUnavailableError, parseKurrentDbUrl } from '#libs/event-store';
import { DomainError } from '#libs/kernel';

/** The event store does not answer while a process starts. Nothing was begun. */
export class EventStoreUnreachableError extends DomainError {
  readonly code = 'event-store-unreachable';
  readonly kind = 'unavailable';
  constructor(hosts: readonly string[], cause: unknown) {
    super(
      `The event store at ${hosts.join(', ')} does not answer, so nothing was started. Check host, port and tls in EVENT_STORE_URL, and that the server runs; then start again.`,
    );
    this.cause = cause;
  }
}

/** What a caller is told of a store that does not answer (repeat your request) is no use to whoever starts a process. */
export function explainedAtStart(error: unknown, eventStoreUrl: string | null): unknown {
  const isSilent = error instanceof AppendUnavailableError && eventStoreUrl !== null;
  return isSilent ? new EventStoreUnreachableError(parseKurrentDbUrl(eventStoreUrl).hosts, error) : error;
}
