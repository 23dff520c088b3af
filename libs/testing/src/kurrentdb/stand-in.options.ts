import type { Faults } from './faults.js';

/** What the stand-in says that it can: it decides by which call a client appends. */
export type Negotiation = 'batch-append' | 'no-batch-append' | 'no-features';

/** Who may call. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** How to start one. */
export interface KurrentDbStandInOptions {
  /** Which of the client's ways to append it is to choose. Default: batch append, as today's servers. */
  readonly negotiation?: Negotiation;
  /** Keeps the log in this append-only file, flushed before every answer. Default: memory, kept over `restart`. */
  readonly file?: string;
  /** Default: any free one. */
  readonly port?: number;
  /** Speaks TLS with a certificate of its own, whose authority the `url` names. Default: false. */
  readonly tls?: boolean;
  /** Who may call; the `url` holds them. Needs `tls`: over an open connection the client sends none, and a real server asks for none. */
  readonly credentials?: Credentials;
  /** Largest append, bytes. Default: 1 MiB. */
  readonly maxAppendBytes?: number;
  /** Milliseconds since 1970. Default: the clock of the machine. */
  readonly now?: () => number;
  /** Told when the disk refused a write. The stand-in has then ended as in a crash, and answers nothing any more. */
  readonly onBroken?: (reason: unknown) => void;
}

/** A running stand-in. */
export interface KurrentDbStandIn {
  /** For the client: `kurrentdb://…`. */
  readonly url: string;
  /** The same by way of the cluster's gossip: `kurrentdb+discover://…`. */
  readonly discoverUrl: string;
  readonly faults: Faults;
  /** Ends as a crash does: connections are cut, nothing is said, the port is closed. */
  kill(): Promise<void>;
  /** Starts again on the same port with the same data; kills it first where it still runs. Planned faults stay. */
  restart(): Promise<void>;
  /** Ends for good. */
  stop(): Promise<void>;
}
