/** The log helps to find what went wrong, and holds nothing that it should not. */
import { Writable } from 'node:stream';
import { DomainError } from '#libs/kernel';
import { EnvironmentRefusedError } from '../environment/environment.errors.js';
import { readEnvironment } from '../environment/environment.js';
import { describeError, withoutInput } from './describe-error.js';
import { createLog } from './log.js';

class Refused extends DomainError {
  readonly code = 'refused';
  readonly kind = 'conflict';
}

describe('an error in the log', () => {
  it('keeps its type, code, place and cause, and the message of a domain error', () => {
    const described = describeError(new Refused('Account "a-1" is taken.'));
    expect(described).toMatchObject({ type: 'Refused', code: 'refused', message: 'Account "a-1" is taken.' });
    expect(described.at[0]).toContain('log.spec.ts');
  });

  it('loses what a library quotes of its input', () => {
    const parse = () => JSON.parse('{"email": ada@acme.example}') as unknown;
    expect(() => parse()).toThrow(expect.objectContaining({ message: expect.stringContaining('ada@') })); // or this test shows nothing
    try {
      parse();
    } catch (error) {
      expect(JSON.stringify(describeError(error))).not.toMatch(/ada|acme/);
    }
  });

  it('keeps what PostgreSQL says of tables and constraints, not of values', () => {
    const error = Object.assign(new Error('duplicate key value violates unique constraint "keys_pkey"'), {
      code: '23505',
      table: 'keys',
      constraint: 'keys_pkey',
      detail: 'Key (name)=(ada) already exists.',
      parameters: ['ada'],
    });
    expect(describeError(error)).toMatchObject({ code: '23505', database: { table: 'keys', constraint: 'keys_pkey' } });
    expect(JSON.stringify(describeError(error))).not.toContain('ada');
  });

  it('does not follow causes for ever', () => {
    const error = new Error('a');
    error.cause = error;
    expect(JSON.stringify(describeError(error)).match(/"cause"/g)).toHaveLength(4);
  });

  it.each([
    ['invalid input: "Ada" for \'x\'', 'invalid input: "…" for \'…\''],
    ['cut off "Ada Love', 'cut off "…"'],
    ['no such user ada@acme.example here', 'no such user …@… here'],
  ])('%s becomes %s', (before, after) => expect(withoutInput(before)).toBe(after));
});

describe('a line of the log', () => {
  const linesOf = (write: (log: ReturnType<typeof createLog>) => void) => {
    const lines: string[] = [];
    write(createLog({ level: 'info', readable: false, destination: into(lines) }));
    return lines.join('');
  };

  it('is JSON with a time in words', () =>
    expect(JSON.parse(linesOf((log) => log.info({ port: 1 }, 'listening')))).toMatchObject({
      level: 'info',
      port: 1,
      msg: 'listening',
      time: expect.stringMatching(/Z$/),
    }));

  it('loses secrets and personal fields at any of three levels', () => {
    const written = linesOf((log) => {
      log.info(
        {
          authorization: 'hide-1',
          user: { email: 'hide-2', 'set-cookie': 'hide-3' },
          a: { b: { token: 'hide-4' } },
          'set-cookie': 'hide-5',
          keep: 1,
        },
        'x',
      );
    });
    expect(written).not.toContain('hide-');
    expect(written).toContain('"keep":1');
  });

  it('never has what opens the database, the event store or Kafka, even where somebody logs the whole environment', () => {
    const environment = readEnvironment({
      DATABASE_URL: 'postgres://gate:hide-1@db.example/gatebook',
      EVENT_STORE_URL: 'kurrentdb://gate:hide-2@store.example:2113?tls=true',
      KAFKA_BROKERS: 'kafka.example:9092',
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_SASL_USERNAME: 'gate',
      KAFKA_SASL_PASSWORD: 'hide-3',
      GATEBOOK_ADMIN_KEY: 'hide-4-hide-4-hide-4-hide-4',
      GATEBOOK_CONFIG: 'gatebook.yaml',
    });
    expect(JSON.stringify(environment).match(/hide-\d/g)).toHaveLength(7); // or this test shows nothing
    const written = linesOf((log) => {
      log.info(environment, 'x');
      log.info({ environment }, 'x');
      log.error({ err: new Error(`cannot reach ${environment.databaseUrl} or ${environment.eventStoreUrl}`) }, 'x');
      log.error({ err: new Error('x', { cause: new Error(`no ${environment.eventStoreUrl}`) }) }, 'x');
    });
    expect(written).toContain('kafka.example');
    expect(written).not.toContain('hide-');
  });

  it('describes an error given as err', () =>
    expect(linesOf((log) => log.error({ err: new Error('of "ada"') }, 'x'))).toContain('of \\"…\\"'));

  it('is readable on a terminal', () => {
    const lines: string[] = [];
    const log = createLog({ level: 'info', readable: true, destination: into(lines) });
    log.info({ port: 1 }, 'listening');
    expect(lines.join('')).toContain('listening');
    expect(lines.join('')).not.toContain('"msg"');
  });
});

describe('an environment that is refused', () => {
  const kafka = { KAFKA_BROKERS: 'kafka.example:9092', KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'gate' };

  it.each<[string, Record<string, string>]>([
    ['a database that is none', { DATABASE_URL: 'mysql://gate:hide-1@db.example/gatebook' }],
    ['a database address that is broken', { DATABASE_URL: 'postgres://gate:hide-1@[bad/gatebook' }],
    ['an event store that is none', { EVENT_STORE_URL: 'http://gate:hide-1@store.example:2113' }],
    ['an event store address that is broken', { EVENT_STORE_URL: 'kurrentdb://gate:hide-1@[bad?tls=false' }],
    ['a password of Kafka without the rest', { KAFKA_BROKERS: 'kafka.example:9092', KAFKA_SASL_PASSWORD: 'hide-1' }],
    ['a way into Kafka that is none', { ...kafka, KAFKA_SASL_MECHANISM: 'hide-1', KAFKA_SASL_PASSWORD: 'hide-1' }],
    ['a receiver of traces that is none', { OTEL_EXPORTER_OTLP_ENDPOINT: 'ftp://gate:hide-1@traces.example' }],
    ['a key that is too short', { GATEBOOK_ADMIN_KEY: 'hide-1' }],
  ])('for %s says why without quoting it', (_what, env) => {
    const read = () => readEnvironment(env);
    expect(read).toThrow(EnvironmentRefusedError);
    try {
      read();
    } catch (error) {
      expect(`${String(error)} ${JSON.stringify(describeError(error))} ${JSON.stringify(error)}`).not.toContain(
        'hide-',
      );
    }
  });
});

/** A stream that keeps what is written. */
function into(lines: string[]): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
}
