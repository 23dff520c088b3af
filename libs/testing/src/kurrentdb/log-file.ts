import fs from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { EventLog, ProposedEvent } from './event-log.js';

/** One write as a line of JSON: all of its events or, when the process died while writing, none. */
interface Line {
  readonly stream: string;
  readonly created: number;
  readonly events: readonly { id: string; type: string; contentType: string; data: string; metadata: string }[];
}

/** An append-only file under the log, so that a process can be killed and go on with the same data. */
export class LogFile {
  #pending: string[] = [];

  private constructor(private readonly handle: FileHandle) {}

  /** Opens the file, creates it where there is none, and stages everything that it holds. A last line cut short is removed. */
  static async open(path: string, log: EventLog): Promise<LogFile> {
    const text = fs.statSync(path, { throwIfNoEntry: false })?.isFile() ? fs.readFileSync(path, 'utf8') : '';
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) fs.truncateSync(path, Buffer.byteLength(whole));
    for (const line of whole.split('\n')) {
      if (line) stageLine(log, JSON.parse(line) as Line);
    }
    return new LogFile(await open(path, 'a'));
  }

  /** Notes a write; `flush` makes it durable. */
  write(stream: string, events: readonly ProposedEvent[], created: number): void {
    const lines = events.map(({ id, type, contentType, data, metadata }) => ({
      id,
      type,
      contentType,
      data: data.toString('base64'),
      metadata: metadata.toString('base64'),
    }));
    this.#pending.push(`${JSON.stringify({ stream, created, events: lines } satisfies Line)}\n`);
  }

  /** Writes what was noted and waits for the disk. @throws when the disk refuses */
  async flush(): Promise<void> {
    if (this.#pending.length === 0) return;
    const text = this.#pending.join('');
    this.#pending = [];
    await this.handle.write(text);
    await this.handle.datasync();
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

function stageLine(log: EventLog, { stream, created, events }: Line): void {
  const proposed = events.map((event) => ({
    ...event,
    data: Buffer.from(event.data, 'base64'),
    metadata: Buffer.from(event.metadata, 'base64'),
  }));
  log.stage(stream, proposed, created);
}
