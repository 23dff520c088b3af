import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { EventStoreUrlError } from './kurrentdb.errors.js';
import { isKurrentDbUrl, parseKurrentDbUrl } from './kurrentdb-url.js';

/** What the client is told, as a URL that Node can take apart. */
const told = (url: string) => new URL(parseKurrentDbUrl(url).connectionString);

function refusal(url: string): string {
  try {
    parseKurrentDbUrl(url);
  } catch (error) {
    if (error instanceof EventStoreUrlError) return error.message;
    throw error;
  }
  throw new Error('was accepted');
}

describe('the URL of a KurrentDB server', () => {
  it.each(['kurrentdb://h', 'kurrentdb+discover://h', 'esdb://h', 'ESDB+discover://h', 'kurrentdb:h'])(
    'is known: %s',
    (url) => expect(isKurrentDbUrl(url)).toBe(true),
  );
  it.each(['postgres://h', 'kafka://h', '', 'kurrentdbx://h', 'http://kurrentdb://'])('is another: %s', (url) =>
    expect(isKurrentDbUrl(url)).toBe(false),
  );

  it('keeps user, password, host and options, and asks for the signs of life that we need', () => {
    const url = told('esdb://gatebook:p%40ss%3A@events.example.org?TLS=true&defaultDeadline=9000');
    expect([url.protocol, url.host]).toEqual(['kurrentdb:', 'events.example.org:2113']);
    expect([url.username, decodeURIComponent(url.password)]).toEqual(['gatebook', 'p@ss:']);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      connectionName: 'gatebook',
      keepAliveInterval: '10000',
      keepAliveTimeout: '5000',
      defaultDeadline: '9000',
      discoveryInterval: '20',
      maxDiscoverAttempts: '50',
      tls: 'true',
    });
  });

  it('may name several nodes; then all of them are asked, with or without discovery', () => {
    const { connectionString, hosts } = parseKurrentDbUrl('kurrentdb+discover://n1:2113,n2:2114,n3');
    expect(hosts).toEqual(['n1:2113', 'n2:2114', 'n3:2113']);
    expect(connectionString).toMatch(/^kurrentdb:\/\/n1:2113,n2:2114,n3:2113\?/);
    expect(told('kurrentdb+discover://cluster').protocol).toBe('kurrentdb+discover:');
  });

  it('sends no password over an open connection', () => {
    const { connectionString, user } = parseKurrentDbUrl('kurrentdb://admin:changeit@localhost:2113?tls=false');
    expect(user).toBe('admin');
    expect(connectionString).not.toContain('changeit');
  });

  it('may name a certificate, which has to be readable', () => {
    const folder = fs.mkdtempSync(join(tmpdir(), 'gb-ca-'));
    const path = join(folder, 'ca & more.crt');
    fs.writeFileSync(path, '');
    expect(told(`kurrentdb://h?tlsCAFile=${encodeURIComponent(path)}`).searchParams.get('tlsCAFile')).toBe(path);
    fs.rmSync(folder, { recursive: true });
    expect(refusal(`kurrentdb://h?tlsCAFile=${encodeURIComponent(path)}`)).toMatch(
      /tlsCAFile is not there or may not be read/,
    );
  });

  it.each([
    ['postgres://h/db', /has to begin with kurrentdb:/],
    ['kurrentdb:/h', /has to begin with kurrentdb:/],
    ['kurrentdb://', /a host is missing/],
    ['kurrentdb://a,,b', /a host is missing/],
    ['kurrentdb://h:0', /port has to be a number from 1 to 65535/],
    ['kurrentdb://h:port', /port has to be a number/],
    ['kurrentdb://[::1]:2113', /IPv4 address/],
    ['kurrentdb://h/path', /no path/],
    ['kurrentdb://h#x', /no path/],
    ['kurrentdb://admin@h', /a user and a password/],
    ['kurrentdb://admin:@h', /a user and a password/],
    ['kurrentdb://h?tls=yes', /tls has to be true or false/],
    ['kurrentdb://h?tls', /tls needs one value/],
    ['kurrentdb://h?keepAliveInterval=5', /keepAliveInterval has to be a number from 10000/],
    ['kurrentdb://h?keepAliveInterval=-1', /keepAliveInterval has to be a number from 10000/],
    ['kurrentdb://h?nodePreference=follower', /nodePreference has to be leader/],
    ['kurrentdb://h?throwOnAppendFailure=false', /throwOnAppendFailure has to be true/],
    ['kurrentdb://h?colour=red', /not known. Known are tls,/],
    ['kurrentdb://h?userCertFile=%2Fdev%2Fnull', /belong together/],
    [`kurrentdb://${'h'.repeat(5_000)}`, /longer than 4096/],
  ])('is refused with the reason: %s', (url, reason) => expect(refusal(url)).toMatch(reason));

  it.each(['p@ss', 'p/ss', 'p?ss=1', 'p#ss', 'p:ss', 'p%ss', '2113/p@ss'])(
    'with a password that is not encoded (%s) says how to write it and does not repeat it',
    (password) => {
      const message = refusal(`kurrentdb://admin:${password}@h`);
      expect(message).toMatch(/%3A %2F %3F %23 %40 and %25/);
      expect(message).not.toContain(password);
    },
  );

  it('never repeats a password, whatever is wrong', () =>
    fc.assert(
      fc.property(
        fc.string({ minLength: 5 }),
        fc.constantFrom('', '?tls=maybe', ':x', '/p', '?a=b', '&'),
        (text, wrong) => {
          const password = `Zz9${text}`;
          try {
            parseKurrentDbUrl(`kurrentdb://admin:${password}@h${wrong}`);
          } catch (error) {
            expect(error).toBeInstanceOf(EventStoreUrlError);
            expect((error as Error).message).not.toContain('Zz9');
          }
        },
      ),
    ));
});
