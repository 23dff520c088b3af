import { UndecidedError } from './command.js';

/** A refusal by the server, in its own words (RFC 9457). */
export class ServerRefusedError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly details: Readonly<Record<string, unknown>>,
  ) {
    super(detail);
  }
}

/** Longest wait for an answer, milliseconds: an estimate of losses looks at every account concerned. */
const ANSWER_MS = 600_000;

/** The API of a running server. */
export class ServerClient {
  constructor(
    readonly url: string,
    private readonly key: string,
  ) {}

  /** @throws {ServerRefusedError | UndecidedError} */
  get<T>(path: string): Promise<T> {
    return this.#ask<T>(path, { method: 'GET' });
  }

  /** @param idempotencyKey repeated with it, the request happens once */
  post<T>(path: string, body: unknown, idempotencyKey: string): Promise<T> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
    return this.#ask<T>(path, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  async #ask<T>(path: string, init: RequestInit): Promise<T> {
    const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${this.key}` };
    const request = { ...init, headers, redirect: 'error', signal: AbortSignal.timeout(ANSWER_MS) } as const;
    const response = await fetch(new URL(path, this.url), request).catch((cause: unknown) => {
      throw new UndecidedError(`The server at ${this.url} does not answer. Is it running, and is GATEBOOK_URL right?`, {
        cause,
      });
    });
    const body = (await response.json().catch(() => null)) as Record<string, unknown> | null;
    if (response.ok && body !== null) return body as T;
    const { code, detail, details } = body ?? {};
    if (typeof code !== 'string')
      throw new UndecidedError(`What answers at ${this.url} is not Gatebook (status ${response.status}).`);
    throw new ServerRefusedError(response.status, code, String(detail), (details as Record<string, unknown>) ?? {});
  }
}
