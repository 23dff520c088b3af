import { Duplex } from 'node:stream';

/** The thread that runs PostgreSQL, as a connection sees it. */
export interface ProtocolPeer {
  /** Called once when a connection opens; the peer destroys it when the thread ends. */
  attach(connection: EmbeddedConnection): void;
  /** Hands over messages that PostgreSQL answers together; the peer hands the answer to `receive`. */
  send(connection: EmbeddedConnection, group: Uint8Array): void;
}

/** First bytes of the messages that PostgreSQL answers: Query, Sync, password. */
const ENDS_A_GROUP = new Set([...'QSp'].map((letter) => letter.charCodeAt(0)));
/** First byte of the message that ends a session. */
const TERMINATE = 'X'.charCodeAt(0);
/** A message is one byte of type, then its length in four bytes, which count themselves. */
const HEADER_BYTES = 5;

/**
 * The part of a socket that the `pg` driver uses, ending in a thread instead of a network.
 * Messages go over in whole groups, because the embedded PostgreSQL runs a group to its end before it looks at anything else.
 */
export class EmbeddedConnection extends Duplex {
  private waiting: Buffer = Buffer.alloc(0);
  private started = false;
  private terminated = false;

  constructor(private readonly peer: ProtocolPeer) {
    super();
  }

  connect(): this {
    process.nextTick(() => {
      this.peer.attach(this);
      if (!this.destroyed) this.emit('connect');
    });
    return this;
  }

  /** Takes PostgreSQL's answer; one that comes after the end is dropped. */
  receive(answer: Buffer): void {
    if (!this.terminated && !this.destroyed) this.push(answer);
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  override _read(): void {}

  override _final(done: () => void): void {
    done();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.forward(chunk);
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.forward(Buffer.concat(chunks.map(({ chunk }) => chunk)));
    done();
  }

  private forward(chunk: Buffer): void {
    const bytes = this.waiting.length ? Buffer.concat([this.waiting, chunk]) : chunk;
    const { end, terminate } = this.started ? wholeGroups(bytes) : startup(bytes);
    this.started = true;
    this.waiting = bytes.subarray(end);
    if (end > 0) this.peer.send(this, new Uint8Array(bytes.subarray(0, end)));
    if (terminate) this.terminate();
  }

  /** The wish to end stays here: PostgreSQL would end itself, and with it the database of everybody. */
  private terminate(): void {
    this.terminated = true;
    this.push(null);
  }
}

interface Groups {
  /** Bytes up to the end of the last whole group. */
  readonly end: number;
  readonly terminate: boolean;
}

/** The first message has no type, so it cannot be read like the others; the driver writes it alone. */
function startup(bytes: Buffer): Groups {
  return { end: bytes.length, terminate: false };
}

function wholeGroups(bytes: Buffer): Groups {
  let end = 0;
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const type = bytes[at] as number;
    if (type === TERMINATE) return { end, terminate: true };
    const next = at + 1 + bytes.readInt32BE(at + 1);
    if (next > bytes.length) break;
    if (ENDS_A_GROUP.has(type)) end = next;
    at = next;
  }
  return { end, terminate: false };
}
