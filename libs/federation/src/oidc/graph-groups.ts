import { createHash } from 'node:crypto';
import {
  allowInsecureRequests,
  ClientSecretPost,
  Configuration,
  clientCredentialsGrant,
  customFetch,
} from 'openid-client';
import { DomainError } from '#libs/kernel';
import { boundedFetch, domainErrorIn } from '../jwt/bounded-fetch.js';
import { RemoteCache } from '../jwt/remote-cache.js';
import { VALUES_PER_ATTRIBUTE_MAX } from '../saml/attributes.js';
import { forLibrary } from './library-configuration.js';

/** Pages of one answer; a page holds hundreds of ids. */
export const GRAPH_PAGES_MAX = 50;
const GUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
/** Entra's tokens live for an hour; a revoked secret should not work much longer. */
const TOKEN_TTL_MS = 30 * 60_000;
const TENANTS_MAX = 500;

/** What the look-up works with. */
export interface GraphGroupsOptions {
  /** Makes every request and decides where requests may go. */
  readonly fetch: typeof fetch;
  /** Base of the token endpoint, without a slash at the end. Default: Entra's. */
  readonly loginUrl?: string;
  /** Base of Microsoft Graph, without a slash at the end. Default: version 1.0. */
  readonly graphUrl?: string;
}

/** Whose groups, and by which application (permission `GroupMember.Read.All` or `Directory.Read.All`). */
export interface GraphGroupsQuery {
  /** Entra's ids of the tenant and the person. */
  readonly tid: string;
  readonly oid: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly now: Date;
}

/** A person's groups could not be looked up: they are unknown, not none. */
export class GroupLookUpError extends DomainError {
  readonly code = 'group-look-up-failed';
  readonly kind = 'unavailable';
  constructor(what: string, options?: ErrorOptions) {
    super(`Microsoft Graph did not tell the groups: ${what}. They count as unknown; roles stay as they are.`);
    if (options?.cause !== undefined) this.cause = options.cause;
  }
}

/** Looks up in Microsoft Graph the groups of people who are in more than fit into a token. One instance per process. */
export class GraphGroups {
  readonly #fetch: typeof fetch;
  readonly #loginUrl: string;
  readonly #graphUrl: string;
  readonly #tokens = new RemoteCache<{ readonly accessToken: string }>({
    ttlMs: TOKEN_TTL_MS,
    forcedEveryMs: 60_000,
    entriesMax: TENANTS_MAX,
  });

  constructor({ fetch: inner, loginUrl, graphUrl }: GraphGroupsOptions) {
    this.#fetch = boundedFetch(inner);
    this.#loginUrl = loginUrl ?? 'https://login.microsoftonline.com';
    this.#graphUrl = graphUrl ?? 'https://graph.microsoft.com/v1.0';
  }

  /**
   * Object ids of all groups and directory roles of a person, nested ones included: what the `groups` claim would have held.
   * Asks once more with a new token when the one at hand is not taken any longer.
   * @see Microsoft Graph, directoryObject: getMemberObjects
   * @throws {GroupLookUpError} for anything but a complete answer
   */
  async groupsOf(query: GraphGroupsQuery): Promise<readonly string[]> {
    if (!GUID.test(query.tid) || !GUID.test(query.oid)) throw new GroupLookUpError('tid or oid is no Entra id');
    try {
      return await this.#groupsOf(query);
    } catch (cause) {
      if (cause instanceof GroupLookUpError) throw cause;
      const known = domainErrorIn(cause);
      throw new GroupLookUpError(known?.message ?? 'its answer was not understood', { cause: known?.cause });
    }
  }

  async #groupsOf(query: GraphGroupsQuery): Promise<readonly string[]> {
    const key = createHash('sha256')
      .update(JSON.stringify([query.tid, query.clientId, query.clientSecret]))
      .digest('hex');
    const load = () => this.#token(query);
    const token = await this.#tokens.get(key, query.now, load);
    const first = await this.#firstPage(query, token.accessToken);
    if (first.status !== 401) return this.#pages(first, token.accessToken);
    const renewed = await this.#tokens.fresher(key, token, query.now, load);
    if (!renewed) throw new GroupLookUpError('it does not take our token');
    return this.#pages(await this.#firstPage(query, renewed.accessToken), renewed.accessToken);
  }

  async #token({ tid, clientId, clientSecret }: GraphGroupsQuery): Promise<{ readonly accessToken: string }> {
    const server = { issuer: this.#loginUrl, token_endpoint: `${this.#loginUrl}/${tid}/oauth2/v2.0/token` };
    const config = new Configuration(server, clientId, {}, ClientSecretPost(clientSecret));
    config[customFetch] = forLibrary(this.#fetch);
    allowInsecureRequests(config); // both addresses are the operator's
    const scope = `${new URL(this.#graphUrl).origin}/.default`;
    return { accessToken: (await clientCredentialsGrant(config, { scope })).access_token };
  }

  #firstPage({ oid }: GraphGroupsQuery, accessToken: string): Promise<Response> {
    return this.#fetch(`${this.#graphUrl}/users/${oid}/getMemberObjects`, {
      method: 'POST',
      headers: { ...headersWith(accessToken), 'content-type': 'application/json' },
      body: JSON.stringify({ securityEnabledOnly: false }),
    });
  }

  async #pages(first: Response, accessToken: string): Promise<readonly string[]> {
    const ids = new Set<string>();
    let response = first;
    for (let pages = 1; pages <= GRAPH_PAGES_MAX; pages += 1) {
      const { value, next } = await pageIn(response);
      for (const id of value) ids.add(id);
      if (ids.size > VALUES_PER_ATTRIBUTE_MAX)
        throw new GroupLookUpError(`there are more than ${VALUES_PER_ATTRIBUTE_MAX}`);
      if (!next) return [...ids];
      response = await this.#fetch(this.#atGraph(next), { headers: headersWith(accessToken) });
    }
    throw new GroupLookUpError(`there are more than ${GRAPH_PAGES_MAX} pages`);
  }

  /** The token goes to Graph and nowhere else, whatever an answer says. */
  #atGraph(next: string): string {
    const inside = URL.canParse(next) && new URL(next).href.startsWith(`${this.#graphUrl}/`);
    if (!inside) throw new GroupLookUpError('its next page is not at its own address');
    return next;
  }
}

async function pageIn(
  response: Response,
): Promise<{ readonly value: readonly string[]; readonly next: string | undefined }> {
  if (response.status !== 200) throw new GroupLookUpError(`it answered ${response.status}`);
  const json: unknown = await response.json();
  const page = typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
  const { value, '@odata.nextLink': next } = page;
  const complete = Array.isArray(value) && value.every((id) => typeof id === 'string' && GUID.test(id));
  if (!complete || !(next === undefined || typeof next === 'string'))
    throw new GroupLookUpError('its answer was not understood');
  return { value, next };
}

const headersWith = (accessToken: string) => ({
  authorization: `Bearer ${accessToken}`,
  accept: 'application/json',
  'user-agent': 'gatebook',
});
