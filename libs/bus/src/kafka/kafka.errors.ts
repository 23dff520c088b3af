import { DomainError } from '#libs/kernel';

/** Kafka cannot be reached or refuses this client. */
export class KafkaUnavailableError extends DomainError {
  readonly code = 'kafka-unavailable';
  readonly kind = 'unavailable';
  constructor(problem: string, cause?: unknown) {
    super(`Kafka cannot be used: ${problem}`);
    this.cause = cause;
  }
}

/** The topic's settings would lose events or their order. */
export class UnsafeTopicError extends DomainError {
  readonly code = 'unsafe-topic';
  readonly kind = 'unavailable';
  constructor(
    topic: string,
    readonly problems: readonly string[],
  ) {
    super(`The topic ${topic} would lose events or their order, so it is not used: ${problems.join(' ')}`);
  }
}

/** The topic, or what the database remembers of it, belongs to another installation. */
export class ForeignTopicError extends DomainError {
  readonly code = 'foreign-topic';
  readonly kind = 'unavailable';
  constructor(topic: string, found: string, expected: string) {
    super(
      `The topic ${topic} belongs to another installation (found: ${found}, expected: ${expected}). Give each installation a topic of its own, or the database that belongs to this one.`,
    );
  }
}

/** Another process changed how far the topic is published, or the topic was made anew; whoever publishes begins again from there. */
export class PublishingMovedError extends DomainError {
  readonly code = 'publishing-moved';
  readonly kind = 'conflict';
  constructor(topic: string) {
    super(
      `How far the topic ${topic} is published has changed meanwhile: by another process, or because it was made anew. Publishing begins again from there.`,
    );
  }
}

/** Signs by which the client's errors are told apart, with what to do about each. */
const CAUSES: readonly (readonly [RegExp, string])[] = [
  [
    /SASL|[Aa]uthentication/,
    'it refuses the user or the password. Check KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD.',
  ],
  [
    /certificate|self-signed|altnames|CERT_/i,
    'its certificate is not trusted. Check KAFKA_SSL and the certificate authority.',
  ],
  [/TLS|SSL|EPROTO|wrong version/i, 'it does not speak TLS on that port. Check KAFKA_SSL and the port.'],
  [/ENOTFOUND|EAI_AGAIN/, 'a name in KAFKA_BROKERS is unknown.'],
  [
    /ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|[Cc]onnection timeout|[Cc]onnection error|timed out/,
    'no broker answers. Check KAFKA_BROKERS and whether the broker runs.',
  ],
  [
    /[Cc]losed connection|ECONNRESET|socket/,
    'it closes the connection. Perhaps it expects TLS (KAFKA_SSL) or a user (KAFKA_SASL_…).',
  ],
  [
    /[Aa]uthoriz/,
    'the user may not do that. Grant it describe, create, read and write on the topic, and read and delete on groups whose names begin with gatebook.',
  ],
];

/** What an error of the client means to an operator. Ours pass as they are. */
export function explained(error: unknown): Error {
  if (error instanceof DomainError) return error;
  const texts = [...causesOf(error)].map(({ name, message }) => `${name} ${message}`).join(' ');
  const problem = CAUSES.find(([sign]) => sign.test(texts))?.[1];
  return new KafkaUnavailableError(problem ?? `${error instanceof Error ? error.message : 'unknown error'}.`, error);
}

/** The error and what caused it, a few steps deep. */
function* causesOf(error: unknown): Iterable<Error> {
  let at = error;
  for (let depth = 0; depth < 5 && at instanceof Error; depth += 1) {
    yield at;
    at = at.cause;
  }
}
