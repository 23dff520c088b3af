import { UndecidedError } from './command.js';

/** One thing that is wrong with what was asked. */
export interface FieldProblem {
  readonly field: string;
  readonly problem: string;
}

/** A refusal by the server, in its own words (RFC 9457). */
export class ServerRefusedError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly details: Readonly<Record<string, unknown>>,
    /** Which fields of the request are wrong, and why; empty where it is not about fields. */
    readonly errors: readonly FieldProblem[] = [],
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

  /** Asks for a file; however long it is, it is not held in memory. @throws {ServerRefusedError | UndecidedError} */
  async stream(path: string): Promise<AsyncIterable<Uint8Array>> {
    const response = await this.#fetch(path, { method: 'GET' });
    if (!response.ok || response.body === null) return this.#refused(response);
    return response.body;
  }

  async #ask<T>(path: string, init: RequestInit): Promise<T> {
    const response = await this.#fetch(path, { ...init, signal: AbortSignal.timeout(ANSWER_MS) });
    if (!response.ok) return this.#refused(response);
    const body = (await response.json().catch(() => null)) as T | null;
    return body ?? this.#refused(response);
  }

  #fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${this.key}` };
    return fetch(new URL(path, this.url), { ...init, headers, redirect: 'error' }).catch((cause: unknown) => {
      throw new UndecidedError(`The server at ${this.url} does not answer. Is it running, and is GATEBOOK_URL right?`, {
        cause,
      });
    });
  }

  async #refused(response: Response): Promise<never> {
    const body = (await response.json().catch(() => null)) as Record<string, unknown> | null;
    const { code, detail, details, errors } = body ?? {};
    if (typeof code !== 'string')
      throw new UndecidedError(`What answers at ${this.url} is not Gatebook (status ${response.status}).`);
    throw new ServerRefusedError(
      response.status,
      code,
      String(detail),
      (details as Record<string, unknown>) ?? {},
      fieldProblems(errors),
    );
  }
}

function fieldProblems(errors: unknown): readonly FieldProblem[] {
  if (!Array.isArray(errors)) return [];
  return errors.map((error: Partial<FieldProblem> | null) => ({
    field: String(error?.field),
    problem: String(error?.problem),
  }));
}
