import type { CatalogView } from '#libs/catalog';
import { domainOf, ownedDomains } from '#libs/domain';
import { type KnownConnection, known } from '../settings/known-connection.js';
import type { LoginQuery } from './login.dto.js';
import { returnToOf } from './return-to.js';

/** Connections that the page lists; with more, or with several tenants, people name their e-mail address instead. */
const LISTED_MAX = 12;

/** A connection that a person may choose. */
export interface LoginChoice {
  readonly href: string;
  readonly name: string;
  /** A picture as a data address; null where there is none. */
  readonly logo: string | null;
}

/** Where signing in through a connection begins; `''` is the page that lets people choose. */
export function loginHref(id: string, { returnTo, acr, prompt, connections }: LoginQuery): string {
  const query = new URLSearchParams({ returnTo: returnToOf(returnTo) });
  if (acr) query.set('acr', acr);
  if (prompt) query.set('prompt', prompt);
  if (id === '' && connections) query.set('connections', connections);
  return `/login${id && `/${id}`}?${query}`;
}

/** A connection as the page shows it. */
export function toChoice({ id, settings }: KnownConnection, query: LoginQuery): LoginChoice {
  return { href: loginHref(id, query), name: settings.displayName ?? id, logo: settings.logo };
}

/**
 * The connections to choose from: those that an application names; else all of an installation with one customer. With several customers, a list
 * would tell who they are.
 */
export function listedConnections(catalog: CatalogView, query: LoginQuery): LoginChoice[] {
  const named = query.connections?.split(',').slice(0, LISTED_MAX);
  const able = ableToSignIn(catalog);
  if (named) return able.filter(({ id }) => named.includes(id)).map((one) => toChoice(one, query));
  const tenants = new Set(able.map(({ tenant }) => tenant));
  return tenants.size > 1 || able.length > LISTED_MAX ? [] : able.map((one) => toChoice(one, query));
}

/** The connections that own the domain of an address, of whichever customer; a domain that is merely claimed leads nowhere. */
export function connectionsOf(catalog: CatalogView, email: string): KnownConnection[] {
  const domain = domainOf(email.trim());
  if (domain === '') return [];
  return ableToSignIn(catalog)
    .filter((connection) => ownedDomains(connection).includes(domain))
    .slice(0, LISTED_MAX);
}

/** Enabled connections through which a browser can sign in. */
function ableToSignIn(catalog: CatalogView): KnownConnection[] {
  return catalog
    .connections()
    .filter(({ enabled }) => enabled)
    .flatMap((connection) => known(connection) ?? [])
    .filter(({ settings }) => settings.protocol !== 'jwt');
}
