import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { type Mail, mail } from './mail.js';

/** Mail over SMTP, to a server of this test that speaks the real protocol. */

interface Received {
  readonly from: string | undefined;
  readonly to: readonly string[];
  readonly raw: string;
}

const received: Received[] = [];
const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onRcptTo(address, _session, answer) {
    if (address.address.startsWith('unknown@'))
      answer(Object.assign(new Error('no such mailbox'), { responseCode: 550 }));
    else if (address.address.startsWith('full@')) answer(Object.assign(new Error('try later'), { responseCode: 452 }));
    else answer();
  },
  onData(stream, session, answer) {
    const parts: Buffer[] = [];
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('end', () => {
      const { mailFrom, rcptTo } = session.envelope;
      received.push({
        from: mailFrom === false ? undefined : mailFrom.address,
        to: rcptTo.map(({ address }) => address),
        raw: Buffer.concat(parts).toString('utf8'),
      });
      answer();
    });
  },
});
server.on('error', () => undefined);

const NOTICE = '0b4e6a7e-6f1b-5c39-9a55-5f3c1c0f6b11';
const text = { subject: '[Gatebook] 1 access decision waits for you', text: 'Have a look.\n' };
const open: Mail[] = [];
const mailTo = (port: number): Mail => {
  const opened = mail({ url: `smtp://127.0.0.1:${port}`, from: 'Gatebook <gatebook@acme.example>' });
  open.push(opened);
  return opened;
};

describe('mail', () => {
  let port: number;
  beforeAll(async () => {
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    port = (server.server.address() as AddressInfo).port;
  });
  beforeEach(() => received.splice(0));
  afterAll(async () => {
    for (const opened of open) opened.close();
    await new Promise<void>((closed) => server.close(() => closed()));
  });

  it('reaches one mailbox, marked as automatic, and named so that a repeat can be told', async () => {
    await mailTo(port).send('lena@acme.example', text, NOTICE);
    expect(received).toHaveLength(1);
    expect(received[0]).toMatchObject({ from: 'gatebook@acme.example', to: ['lena@acme.example'] });
    expect(received[0]?.raw).toContain(`Message-ID: <${NOTICE}@acme.example>`);
    expect(received[0]?.raw).toContain('Auto-Submitted: auto-generated');
    expect(received[0]?.raw).toContain('Have a look.');
  });

  it('never reaches a second mailbox that hides in an address', async () => {
    const hidden = mailTo(port).send('lena@acme.example, mallory@evil.example', text, NOTICE);
    await hidden.catch(() => undefined);
    expect(received.flatMap(({ to }) => to)).not.toContain('mallory@evil.example');
  });

  it('never carries a header that hides in an address', async () => {
    await mailTo(port)
      .send('lena@acme.example\r\nBcc: mallory@evil.example', text, NOTICE)
      .catch(() => undefined);
    expect(received.flatMap(({ to }) => to)).not.toContain('mallory@evil.example');
    expect(received.map(({ raw }) => raw).join()).not.toMatch(/^Bcc:/m);
  });

  it('to a mailbox that does not exist is refused for good', async () => {
    await expect(mailTo(port).send('unknown@acme.example', text, NOTICE)).rejects.toMatchObject({
      code: 'refused',
      final: true,
    });
  });

  it('to a mailbox that is full is tried again', async () => {
    await expect(mailTo(port).send('full@acme.example', text, NOTICE)).rejects.toMatchObject({
      code: 'unreachable',
      final: false,
    });
  });

  it('to a server that is not there is tried again, and the error tells no address', async () => {
    const lost = mailTo(1).send('lena@acme.example', text, NOTICE);
    await expect(lost).rejects.toMatchObject({ code: 'unreachable', final: false });
    await expect(lost).rejects.not.toThrow('lena@acme.example');
  });
});
