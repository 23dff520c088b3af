import { Duplex } from 'node:stream';

/** The thread that runs PostgreSQL, as a connection sees it. */
export interface ProtocolPeer {
  /** Called once when a connection opens; the peer destroys it when the thread ends. */
  attach(connection: EmbeddedConnection): void;
  /** Hands over messages that PostgreSQL answers together; the peer pushes the answer into the connection. */
  send(connection: EmbeddedConnection, group: Uint8Array): void;
}

/** First bytes of the messages that PostgreSQL answers: Query, Sync, password, Terminate. */
const ENDS_A_GROUP = new Set([...'QSpX'].map((letter) => letter.charCodeAt(0)));
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
    const end = this.started ? endOfLastGroup(bytes) : bytes.length;
    this.started = true;
    this.waiting = bytes.subarray(end);
    if (end === 0) return;
    if (bytes[0] === TERMINATE) this.push(null);
    else this.peer.send(this, new Uint8Array(bytes.subarray(0, end)));
  }
}

function endOfLastGroup(bytes: Buffer): number {
  let end = 0;
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const next = at + 1 + bytes.readInt32BE(at + 1);
    if (next > bytes.length) break;
    if (ENDS_A_GROUP.has(bytes[at] as number)) end = next;
    at = next;
  }
  return end;
}
