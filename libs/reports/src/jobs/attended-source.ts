import type { ReportSource } from '../report-kind.js';

/** How often it is asked whether the work goes on, milliseconds. */
const ASK_EVERY_MS = 1_000;

/** What work on a report attends to. */
export interface Attention {
  /** Ends the work soon. */
  readonly signal: AbortSignal;
  /** Rejects when the work is not to go on. */
  readonly stillWanted: () => Promise<void>;
}

/**
 * The same source for work of many statements that knows nothing of jobs: before each of them the signal is heard, and every second it is
 * asked whether the work is still wanted. So whatever is computed ends soon after it was cancelled, or somebody else has gone on with it.
 */
export function attendedSource(source: ReportSource, { signal, stillWanted }: Attention): ReportSource {
  let askedAt = performance.now();
  const attend = async () => {
    signal.throwIfAborted();
    if (performance.now() - askedAt < ASK_EVERY_MS) return;
    askedAt = performance.now();
    await stillWanted();
  };
  const { reader } = source;
  return {
    reader,
    database: attending(source.database, ['query', 'transaction'], attend),
    store: attending(source.store, ['readStream', 'readLog'], attend),
  };
}

/** The same object, of which some methods that answer later attend first. */
function attending<T extends object>(target: T, methods: readonly (keyof T)[], attend: () => Promise<void>): T {
  return new Proxy(target, {
    get(of, name) {
      const value = Reflect.get(of, name, of);
      if (typeof value !== 'function') return value;
      if (!methods.includes(name as keyof T)) return value.bind(of);
      return async (...given: unknown[]) => {
        await attend();
        return value.apply(of, given);
      };
    },
  });
}
