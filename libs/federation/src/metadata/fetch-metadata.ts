import { MetadataError, MetadataUnavailableError } from './metadata.errors.js';
import { AGGREGATE_BYTES_MAX } from './metadata-limits.js';

/** Limits of one fetch. */
export interface FetchMetadataLimits {
  /** Default {@link AGGREGATE_BYTES_MAX}. The guarded fetch has a limit of its own, which must not be lower. */
  readonly maxBytes?: number;
}

/**
 * Fetches metadata as text, for `parseMetadata`; redirects are followed as far as the guard permits. Whether the address may be asked at all, and by
 * which scheme, is the guard's to say: pass the fetch of `libs/egress`, never the platform's.
 * @param url http or https
 * @throws {MetadataUnavailableError} when the answer is not 200
 * @throws {MetadataError} `metadata-too-large`, or `metadata-malformed` when it is not UTF-8
 * @throws what `fetch` throws, when there is no answer
 * @see SAML Metadata 4.1 (publication at a well-known location)
 */
export async function fetchMetadata(
  url: string,
  fetch: typeof globalThis.fetch,
  { maxBytes = AGGREGATE_BYTES_MAX }: FetchMetadataLimits = {},
): Promise<string> {
  const response = await fetch(url, {
    redirect: 'follow',
    headers: { accept: 'application/samlmetadata+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1' },
  });
  if (response.status !== 200)
    throw new MetadataUnavailableError(new URL(url).host, `it answered with status ${response.status}.`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes.length > maxBytes)
    throw new MetadataError('metadata-too-large', `Metadata may have ${maxBytes} bytes at most.`);
  return decoded(bytes);
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new MetadataError('metadata-malformed', 'The metadata is not UTF-8.');
  }
}
