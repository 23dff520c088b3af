/** A notice takes effect once, is written down first, and is brought to its end by its next delivery when its process dies on the way. */
import { randomUUID } from 'node:crypto';
import type { Catalog } from '#libs/catalog';
import { deriveId, readHistory } from '#libs/event-store';
import type { SessionStart, Sessions } from '#libs/identity';
import { streamName } from '#libs/kernel';
import { CATALOG, SESSIONS } from '#libs/platform';
import { connectionSettings } from '#libs/testing';
import { type GateServer, startGate } from '../gate-server.fixture.js';
import { known } from '../settings/known-connection.js';
import { AccountNotices } from './account-notices.js';
import type { Notice } from './notice.js';
import { NoticeCompletion } from './notice-completion.js';
import { NoticeRecords, noticeId } from './notice-records.js';
import { Notices } from './notices.js';

jest.setTimeout(60_000);

let gate: GateServer;
let notices: Notices;
let sessions: Sessions;
beforeAll(async () => {
  gate = await startGate();
  await gate.connect('okta', connectionSettings());
  notices = gate.app.get(Notices, { strict: false });
  sessions = gate.app.get<Sessions>(SESSIONS, { strict: false });
});
afterAll(() => gate?.close());
afterEach(() => jest.restoreAllMocks());

async function begin(
  account: string,
  subject: string,
  sessionIndex: string,
  signIn: string | null = null,
): Promise<string> {
  const life = { revision: 0, signIn, idleSeconds: 3600, maxSeconds: 3600, notOnOrAfter: null };
  const atSource: SessionStart['atSource'] = { subject: { value: subject, format: null }, sessionIndex, idToken: null };
  return (await sessions.start({ tenant: 'acme', account, connection: 'okta', ...life, atSource })).token;
}

async function noticeAbout(subject: string, sessionIndexes: readonly string[]): Promise<Notice> {
  const catalog = gate.app.get<Catalog>(CATALOG, { strict: false });
  const connection = known((await catalog.current()).connection('okta'));
  if (!connection) throw new Error('The connection is not known.');
  const at = gate.path.clock.now();
  return {
    connection,
    kind: 'saml-logout',
    issuer: 'https://idp.example',
    signalId: randomUUID(),
    keySha256: '0'.repeat(64),
    about: { subject, sessionIndexes, known: null },
    begunBy: null,
    occurredAt: at,
    receivedAt: at,
    replayableUntil: new Date(at.getTime() + 60_000).toISOString(),
    requestId: randomUUID(),
  };
}

const eventsOf = async (id: string) =>
  (await readHistory(gate.path, streamName({ category: 'signal', tenant: 'acme', id }))).events;
const endingOf = async (notice: Notice, account: string) =>
  (await eventsOf(deriveId(noticeId(notice), `ended ${account}`))).map(({ data }) => data);

describe('a notice', () => {
  it('is written down with whom it is about, then done, then written down as done', async () => {
    const account = randomUUID();
    const token = await begin(account, 'ada', 's-1');
    const notice = await noticeAbout('ada', ['s-1']);
    await notices.take(notice);
    expect(await sessions.find(token)).toBeNull();
    const [received] = await eventsOf(noticeId(notice));
    expect(received).toMatchObject({ type: 'SignalReceived', data: { account, subject: 'ada', sessionIndex: 's-1' } });
    expect(await endingOf(notice, account)).toMatchObject([{ signal: received?.id, sessions: 1 }]);
    await expect(notices.take(notice)).rejects.toMatchObject({ code: 'assertion-replayed' });
    await expect(notices.takeAgain(notice)).resolves.toBeUndefined();
  });

  it.each(['received', 'ended'] as const)(
    'that could not be written down as %s at first is done and recorded by its next delivery',
    async (step) => {
      const account = randomUUID();
      const token = await begin(account, `bob-${step}`, 's-1');
      const notice = await noticeAbout(`bob-${step}`, ['s-1']);
      const records = gate.app.get(NoticeRecords, { strict: false });
      jest.spyOn(records, step).mockRejectedValueOnce(new Error('the process died'));
      await expect(notices.take(notice)).rejects.toThrow('the process died');
      if (step === 'received') expect(await sessions.find(token)).not.toBeNull(); // nothing happens that is not on record
      await notices.take(notice);
      expect(await sessions.find(token)).toBeNull();
      expect(await endingOf(notice, account)).toHaveLength(1);
      await expect(notices.take(notice)).rejects.toMatchObject({ code: 'assertion-replayed' });
    },
  );

  it('that names sessions says from which sign-ins they came, and one about the person means everything', async () => {
    const [account, first, second] = [randomUUID(), randomUUID(), randomUUID()];
    await begin(account, 'dee', 's-1', first);
    await begin(account, 'dee', 's-2', second);
    const [one, all] = [await noticeAbout('dee', ['s-1']), await noticeAbout('dee', [])];
    await notices.take(one);
    expect(await endingOf(one, account)).toMatchObject([{ sessions: 1, signIns: [first] }]);
    await notices.take(all);
    expect(await endingOf(all, account)).toMatchObject([{ sessions: 1, signIns: null }]);
  });

  it('that may have ended sessions without saying so means everything when it comes again', async () => {
    const account = randomUUID();
    await begin(account, 'fin', 's-1', randomUUID());
    const notice = await noticeAbout('fin', ['s-1']);
    jest.spyOn(gate.app.get(NoticeRecords, { strict: false }), 'ended').mockRejectedValueOnce(new Error('it died'));
    await expect(notices.take(notice)).rejects.toThrow('it died');
    await notices.take(notice);
    expect(await endingOf(notice, account)).toMatchObject([{ sessions: 0, signIns: null }]);
  });

  it('whose process died is brought to its end without being delivered again, once it is left behind', async () => {
    const account = randomUUID();
    const token = await begin(account, 'dee', 's-1');
    const notice = await noticeAbout('dee', ['s-1']);
    const records = gate.app.get(NoticeRecords, { strict: false });
    const completion = gate.app.get(NoticeCompletion, { strict: false });
    jest
      .spyOn(gate.app.get(AccountNotices, { strict: false }), 'apply')
      .mockRejectedValueOnce(new Error('the process died'));
    await expect(notices.take(notice)).rejects.toThrow('the process died');
    const later = await begin(account, 'dee', 's-1');
    await completion.completeAll(); // it may still be under way
    expect([await sessions.find(token), await endingOf(notice, account)]).toEqual([expect.anything(), []]);

    const now = notice.receivedAt.getTime() + 60_000;
    jest.spyOn(gate.path.clock, 'now').mockReturnValue(new Date(now));
    const ended = jest.spyOn(records, 'ended');
    await completion.completeAll();
    await completion.completeAll();
    expect(await sessions.find(token)).toBeNull();
    expect(await sessions.find(later)).not.toBeNull(); // whoever signs in again after the notice came is not meant
    expect([(await endingOf(notice, account)).length, ended.mock.calls.length]).toEqual([1, 1]);
    await expect(notices.take(notice)).rejects.toMatchObject({ code: 'assertion-replayed' });
  });

  it('about nobody who is known is written down without a name, and nothing follows', async () => {
    const notice = await noticeAbout('a stranger', []);
    await notices.take(notice);
    const [received] = await eventsOf(noticeId(notice));
    expect(received?.data).toMatchObject({ account: null, subject: null });
  });

  it('that comes twice at once ends sessions once, and is on record once', async () => {
    const account = randomUUID();
    await begin(account, 'cyd', 's-1');
    const notice = await noticeAbout('cyd', ['s-1']);
    await Promise.allSettled([notices.take(notice), notices.take(notice)]);
    expect(await eventsOf(noticeId(notice))).toHaveLength(1);
    expect(await endingOf(notice, account)).toHaveLength(1);
  });
});
