import { setTimeout as delay } from 'node:timers/promises';

/** Longest wait for one answer, milliseconds. */
const ANSWER_WITHIN_MS = 15_000;
/** Pause before a request is repeated, milliseconds. */
const AGAIN_AFTER_MS = 250;

/** The administration and audit API of an installation under faults. */
export interface Api {
  /** One attempt; null when no answer came. */
  get(path: string): Promise<ApiAnswer | null>;
  /** Repeats until the answer is a success. @throws when none came within the time */
  insist(path: string, withinMs: number): Promise<ApiAnswer>;
  /** Repeats a change under one key until it is acknowledged. @throws when that did not happen within the time */
  change(path: string, body: object, idempotencyKey: string, withinMs: number): Promise<ApiAnswer>;
}

/** An answer with a JSON body. */
export interface ApiAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
  readonly body: any;
}

/** Requests the API at an address with a key. */
export function apiAt(url: string, key: string): Api {
  const request = async (path: string, init: RequestInit = {}): Promise<ApiAnswer | null> => {
    const headers = { authorization: `Bearer ${key}`, ...init.headers };
    try {
      const answer = await fetch(`${url}${path}`, { ...init, headers, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
      return { status: answer.status, body: JSON.parse(await answer.text()) };
    } catch {
      return null;
    }
  };
  const until = async (attempt: () => Promise<ApiAnswer | null>, withinMs: number, what: string) => {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const answer = await attempt();
      if (answer && answer.status < 300) return answer;
      if (performance.now() > deadline) throw new Error(`${what} got no success in time: ${JSON.stringify(answer)}`);
      await delay(AGAIN_AFTER_MS);
    }
  };
  return {
    get: (path) => request(path),
    insist: (path, withinMs) => until(() => request(path), withinMs, path),
    change: (path, body, idempotencyKey, withinMs) => {
      const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
      return until(() => request(path, { method: 'POST', headers, body: JSON.stringify(body) }), withinMs, path);
    },
  };
}
