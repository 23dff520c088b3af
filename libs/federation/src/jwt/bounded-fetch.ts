import { DomainError } from '#libs/kernel';
import { ProviderMetadataError, ProviderUnreachableError } from '../oidc/provider.errors.js';

/** Any answer of a provider, as it comes: metadata, keys, tokens, profiles. Honest ones have 1 to 60 kB. */
export const ANSWER_BYTES_MAX = 512 * 1024;
/** How long one request to a provider may take. */
export const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Reads each answer to its end within {@link ANSWER_BYTES_MAX} and {@link ANSWER_TIMEOUT_MS}; redirects are never followed.
 * The fetch inside decides where requests may go at all.
 * @throws {ProviderUnreachableError} when there is no answer or too long a one; a refusal by the fetch inside stays what it is
 */
export function boundedFetch(inner: typeof fetch): typeof fetch {
  return async (input, init) => {
    try {
      const timeout = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
      const signal = init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
      const response = await inner(input, { ...init, redirect: 'manual', signal });
      const body = await readBounded(response);
      const { status, statusText, headers } = response;
      return new Response(body.length ? body : null, { status, statusText, headers });
    } catch (cause) {
      if (cause instanceof DomainError) throw cause;
      throw new ProviderUnreachableError(`no connection to ${hostOf(input)}`, { cause });
    }
  };
}

/**
 * Gets a JSON object, as discovery documents and key sets are.
 * @throws {ProviderUnreachableError} when the status is not 200
 * @throws {ProviderMetadataError} when the text is not a JSON object
 */
export async function getJson(bounded: typeof fetch, url: string, accept: string): Promise<Record<string, unknown>> {
  const response = await bounded(url, { headers: { accept, 'user-agent': 'gatebook' } });
  if (response.status !== 200) throw new ProviderUnreachableError(`${hostOf(url)} answered ${response.status}`);
  try {
    const json: unknown = JSON.parse(await response.text());
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  } catch {
    // falls through to the error that says what was expected
  }
  throw new ProviderMetadataError(`${hostOf(url)} did not answer with a JSON object. Check the address.`);
}

/** The error that a fetch threw, under whatever a library wrapped around it. */
export function domainErrorIn(error: unknown): DomainError | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    if (cause instanceof DomainError) return cause;
  }
  return undefined;
}

async function readBounded(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > ANSWER_BYTES_MAX)
      throw new ProviderUnreachableError(`its answer is longer than ${ANSWER_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function hostOf(input: string | URL | Request): string {
  const url = input instanceof Request ? input.url : String(input);
  return URL.canParse(url) ? new URL(url).host : 'an address that is none';
}
