/** People are told what waits for them: over SMTP and HTTP, to servers of this test, and what silence may mean depends on it. */
import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { readHistory } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import { RETRY_AFTER_SECONDS } from '#libs/notices';
import { SECRET_VALUES } from '#libs/platform';
import type { SecretValues } from '#libs/vault';
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';
import { asks, DAY, itemsOf, opened, reviewOf, scopeOf } from '../reviewing/reviewing.fixture.js';

const SECRET = 'a-secret-of-the-receiver';
const PEOPLE = ['ada', 'bob', 'cyd'];

interface Letter {
  readonly to: readonly string[];
  readonly raw: string;
}

const letters: Letter[] = [];
const calls: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
let postOffice: 'open' | 'closed' = 'open';
let refused = 0;

const smtp = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onRcptTo(_address, _session, answer) {
    if (postOffice === 'open') return answer();
    refused += 1;
    answer(Object.assign(new Error('try later'), { responseCode: 452 }));
  },
  onData(stream, session, answer) {
    const parts: Buffer[] = [];
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('end', () => {
      const to = session.envelope.rcptTo.map(({ address }) => address);
      letters.push({ to, raw: Buffer.concat(parts).toString('utf8') });
      answer();
    });
  },
});
smtp.on('error', () => undefined);
const receiver = createServer(async (request, response) => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  calls.push({ headers: request.headers, body: Buffer.concat(parts).toString('utf8') });
  response.writeHead(204).end();
});

const listening = (server: Server): Promise<number> =>
  new Promise((ready) => server.listen(0, '127.0.0.1', () => ready((server.address() as AddressInfo).port)));

let server: GovernanceServer;
beforeAll(async () => {
  const port = await listening(smtp.server);
  const url = `http://127.0.0.1:${await listening(receiver)}/notices`;
  const mail = { SMTP_URL: `smtp://127.0.0.1:${port}`, SMTP_FROM: 'Gatebook <gatebook@acme.example>' };
  server = await startGovernance({ variables: { ...mail, GATEBOOK_EGRESS_ALLOW: '127.0.0.1' } });
  const { acme, app } = server;
  await acme.webhook(url, await app.get<SecretValues>(SECRET_VALUES, { strict: false }).put('acme', SECRET));
  await acme.person('mia', { email: 'mia@acme.example' });
  await acme.person('max');
  for (const userName of PEOPLE) {
    await acme.person(userName);
    await acme.give(userName, 'crm.reader');
  }
  await server.settle();
}, 60_000);
afterAll(async () => {
  await server.close();
  await new Promise<void>((closed) => smtp.close(() => closed()));
  receiver.closeAllConnections();
  await new Promise((closed) => receiver.close(closed));
});
beforeEach(() => {
  postOffice = 'open';
  refused = 0;
  letters.splice(0);
  calls.splice(0);
});

/** What became of the mail about a review, as the log tells it: type, code, and how often it was tried. */
async function recordedOf(review: string, kind = 'review-items'): Promise<object[]> {
  const { rows } = await server.database.query<{ id: string }>(
    `select id from notices.outbox where about = $1 and kind = $2 and channel = 'smtp' order by id`,
    [review, kind],
  );
  const records: object[] = [];
  for (const { id } of rows) {
    const { events } = await readHistory(server.path, streamName({ category: 'notice', tenant: 'acme', id }));
    records.push(...events.map(({ type, data }) => ({ type, ...(data as object) })));
  }
  return records;
}
const recorded = (review: string, kind?: string) =>
  server.until(async () => {
    const records = await recordedOf(review, kind);
    return records.length > 0 && records;
  });
const subjects = () => letters.map(({ raw }) => /^Subject: (.*)$/m.exec(raw)?.[1]);
const asksMia = { stages: [asks('mia')], scope: scopeOf(['crm.reader']) };

describe('whoever is asked in a review', () => {
  it('gets one letter about all of it, which names nobody and no role, and that is on record', async () => {
    const review = await opened(server, 'told', asksMia);
    expect(await recorded(review)).toMatchObject([
      { type: 'NoticeSent', channel: 'smtp', recipient: server.acme.accountOf('mia'), attempts: 1 },
    ]);
    expect(letters.map(({ to }) => to)).toEqual([['mia@acme.example']]);
    expect(subjects()).toEqual([expect.stringContaining('3 access decisions wait for you')]);
    const raw = letters[0]?.raw ?? '';
    expect(raw).toContain('/reviews');
    for (const word of ['crm.reader', ...PEOPLE]) expect(raw).not.toContain(word);
  });

  it('is told of by the webhook, signed', async () => {
    const review = await opened(server, 'called', asksMia);
    const call = await server.until(async () => calls.find(({ body }) => body.includes(review)));
    const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = call.headers;
    const signed = createHmac('sha256', SECRET).update(`${id}.${at}.${call.body}`).digest('base64');
    expect(signature).toBe(`v1,${signed}`);
    expect(call.body).not.toContain('mia');
    await recorded(review);
  });

  it('is not told twice by a server that reads everything anew', async () => {
    await server.settle();
    await server.database.query('delete from governance.places');
    server = await server.restart();
    await server.settle();
    const { rows } = await server.database.query(`select 1 from notices.outbox where state = 'queued'`);
    expect([rows.length, letters.length]).toEqual([0, 0]);
  }, 30_000);

  it('and has no address, is on record as not told', async () => {
    const review = await opened(server, 'no address', { ...asksMia, stages: [asks('max')] });
    expect(await recorded(review)).toMatchObject([{ type: 'NoticeFailed', code: 'no-address', attempts: 1 }]);
  });
});

describe('a mail server that does not take anything', () => {
  /** Waits until the mail about a review has been put off for the nth time. */
  async function putOff(review: string, nth: number): Promise<void> {
    await server.until(async () => {
      const { rows } = await server.database.query<{ waits: boolean }>(
        `select due_at > $2 as waits from notices.outbox where about = $1 and channel = 'smtp'`,
        [review, server.clock.now()],
      );
      return refused === nth && rows[0]?.waits;
    });
  }

  it('is tried again, until it does', async () => {
    postOffice = 'closed';
    const review = await opened(server, 'put off', asksMia);
    await putOff(review, 1);
    postOffice = 'open';
    server.clock.advance(RETRY_AFTER_SECONDS[0] * 1000);
    expect(await recorded(review)).toMatchObject([{ type: 'NoticeSent', attempts: 2 }]);
  });

  it('is given up after about a day, and that is on record', async () => {
    postOffice = 'closed';
    const review = await opened(server, 'given up', asksMia);
    for (const [nth, seconds] of RETRY_AFTER_SECONDS.entries()) {
      await putOff(review, nth + 1);
      server.clock.advance(seconds * 1000);
    }
    const tries = RETRY_AFTER_SECONDS.length + 1;
    expect(await recorded(review)).toMatchObject([{ type: 'NoticeFailed', code: 'unreachable', attempts: tries }]);
  }, 60_000);
});

describe('silence that revokes', () => {
  const revokes = { ...asksMia, due: 'P3D', reminders: ['P1D'], noResponse: 'revoke' as const };
  const one = (userName: string) => ({ ...revokes, scope: scopeOf(['crm.reader'], [userName]) });

  /** Lets the time of a review pass: to its reminder, and to its end. */
  async function silent(review: string): Promise<void> {
    server.clock.advance(2 * DAY);
    await server.until(async () => (await itemsOf(server, { review })).every(({ reminders }) => reminders === 1));
    await server.until(async () => postOffice === 'closed' || (await recorded(review, 'review-reminder')));
    server.clock.advance(DAY);
    await server.until(async () => (await reviewOf(server, review))?.status === 'closed');
  }

  it('does so when a letter and a reminder have reached whoever was asked', async () => {
    const review = await opened(server, 'silent', one('ada'));
    await recorded(review);
    await silent(review);
    expect(subjects()).toEqual([
      expect.stringContaining('1 access decision waits for you'),
      expect.stringContaining('Reminder: 1 access decision still waits'),
    ]);
    expect(await reviewOf(server, review)).toMatchObject({ outcomes: { revoked: 1 } });
    expect((await server.acme.state('ada')).grants.size).toBe(0);
  }, 30_000);

  it('does not when no letter went out', async () => {
    postOffice = 'closed';
    const review = await opened(server, 'unheard', one('bob'));
    await silent(review);
    expect(await reviewOf(server, review)).toMatchObject({ outcomes: { expired: 1 } });
    expect((await server.acme.state('bob')).grants.size).toBe(1);
  }, 30_000);
});
