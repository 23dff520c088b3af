import type { AccountEvent } from '#libs/contracts';
import type { OrphanCode } from '#libs/domain';
import type { SealedEvent } from '#libs/kernel';
import { ERASED } from '../../events/event-report.js';

/** A connection as it stood at an instant. */
export interface SourceThen {
  readonly connection: string;
  readonly removed: boolean;
  readonly enabled: boolean;
  /** When it was made or last enabled, and when something last came through it; ISO-8601 UTC with milliseconds. */
  readonly begunAt: string | null;
  readonly heardAt: string | null;
}

/** Types of events by which it shows to which connections an account is tied. */
export const TYING = [
  'UserProvisioned',
  'IdentityLinked',
  'IdentityUnlinked',
  'AccountAbsorbed',
  'AccountMerged',
] as const;

type Link = { readonly connection: string; readonly subject: string };

/** To what an account is tied. */
interface Ties {
  readonly links: readonly Link[];
  /** The connection that made it; null when made by hand. */
  readonly madeBy: string | null;
}

/**
 * The connections that vouch for an account, by its events up to an instant: those that it is linked through, and the one that made it where
 * it is linked to nothing. One made by hand may have none.
 */
export function connectionsOf(events: readonly SealedEvent[]): string[] {
  const ties = (events as readonly (SealedEvent & AccountEvent)[]).reduce<Ties>(tie, { links: [], madeBy: null });
  const named = ties.links.map(({ connection }) => connection);
  return named.length > 0 ? [...new Set(named)].sort() : ties.madeBy === null ? [] : [ties.madeBy];
}

function tie(ties: Ties, event: SealedEvent & AccountEvent): Ties {
  switch (event.type) {
    case 'UserProvisioned':
      return { links: event.data.links, madeBy: event.data.source.connection };
    case 'IdentityLinked':
      return { ...ties, links: [...ties.links, event.data] };
    case 'IdentityUnlinked':
      return { ...ties, links: without(ties.links, event.data) };
    case 'AccountAbsorbed':
      return { ...ties, links: [...ties.links, ...event.data.links.filter((link) => isFresh(link, ties.links))] };
    case 'AccountMerged':
      return { ...ties, links: [] };
    default:
      return ties;
  }
}

/** Subjects of an erased person all read alike: each that was taken over is one more, since what an account had it did not take over. */
const isFresh = (link: Link, links: readonly Link[]): boolean =>
  link.subject === ERASED || !links.some((known) => isSame(known, link));

/** One link less: subjects of an erased person all read alike, and the others of them stay. */
function without(links: readonly Link[], gone: Link): readonly Link[] {
  const at = links.findIndex((link) => isSame(link, gone));
  return at < 0 ? links : links.toSpliced(at, 1);
}

const isSame = (one: Link, other: Link): boolean =>
  one.connection === other.connection && one.subject === other.subject;

/** What kept a source from vouching for its accounts; null where nothing did. @param silentBefore ISO-8601 UTC with milliseconds */
export function troubleOf(source: SourceThen | undefined, silentBefore: string): OrphanCode | null {
  if (!source || source.removed) return 'source-gone';
  if (!source.enabled) return 'source-disabled';
  const last = [source.begunAt, source.heardAt]
    .filter((at) => at !== null)
    .sort()
    .at(-1);
  return last !== undefined && last < silentBefore ? 'source-silent' : null;
}

/** The least bad first. */
const FROM_BEST: readonly OrphanCode[] = ['source-silent', 'source-disabled', 'source-gone'];

/** An account that no source vouched for. */
export interface Orphanhood {
  /** What was wrong with the best of its sources. */
  readonly code: OrphanCode;
  readonly connection: string;
  /** All of them, as connection: trouble. */
  readonly sources: readonly string[];
}

/** Says whether an account was an orphan; null where one of its connections vouched for it, and for an account that has none to lose. */
export function orphanhoodOf(
  connections: readonly string[],
  sourceOf: (connection: string) => SourceThen | undefined,
  silentBefore: string,
): Orphanhood | null {
  const tied = connections.map((connection) => ({ connection, code: troubleOf(sourceOf(connection), silentBefore) }));
  const lost = tied.flatMap(({ connection, code }) => (code === null ? [] : [{ connection, code }]));
  const rank = ({ code }: { readonly code: OrphanCode }) => FROM_BEST.indexOf(code);
  const [best] = lost.toSorted((a, b) => rank(a) - rank(b) || (a.connection < b.connection ? -1 : 1));
  if (!best || lost.length < tied.length) return null;
  return { ...best, sources: lost.map(({ connection, code }) => `${connection}: ${code}`) };
}
