import type { GrantSource, ReviewItemOpened } from '#libs/contracts';

/** After how many days without a sign-in, or without use, access looks superfluous. */
export const INACTIVE_DAYS = 30;
const DAY_MS = 86_400_000;

/** What is known about a grant and whoever holds it. */
export interface RecommendationFacts {
  readonly now: string;
  /** When the account came into being. */
  readonly provisionedAt: string;
  /** Since when the grant is open; null where there is none. */
  readonly grantedAt: string | null;
  /** Null: never, as far as is on record. */
  readonly lastSignInAt: string | null;
  /** Of the role or its application; null where no source says when it is used, or one that did has fallen silent. */
  readonly use: {
    /** Null: the source has never named this account. */
    readonly lastUsedAt: string | null;
    /** From when to when every use is known. */
    readonly knownSince: string;
    readonly knownUntil: string;
  } | null;
  /** How many others share department and title, and how many of them hold the role; null where that is not known. */
  readonly peers: { readonly holding: number; readonly of: number } | null;
  /** Null where there is no grant. */
  readonly source: GrantSource | null;
}

type Recommendation = ReviewItemOpened['data']['recommendation'];
/** One thing that is known, and which way it points. */
interface Ground {
  readonly points: Recommendation['decision'];
  readonly because: string;
}

/**
 * Says what speaks for and against a grant, and what that comes to: revoke where it lies idle; certify where it is in use, or where
 * somebody active holds it like most of their peers or by a rule; else nothing. Unknown use is called unknown and never counts against anybody.
 * The sentences hold dates and numbers, and nothing that identifies a person.
 */
export function recommend(facts: RecommendationFacts): Recommendation {
  const signIn = bySignIn(facts);
  const use = byUse(facts);
  const grounds = [signIn, use, byPeers(facts), bySource(facts)].filter((ground) => ground !== null);
  const pointTo = (decision: Ground['points']) => grounds.some(({ points }) => points === decision);
  // whoever is not there does not need it, whoever else holds it
  const decision = pointTo('revoke')
    ? 'revoke'
    : use.points === 'certify' || (signIn.points === 'certify' && supported(facts))
      ? 'certify'
      : 'none';
  return { decision, because: grounds.map(({ because }) => because) };
}

const supported = ({ peers, source }: RecommendationFacts): boolean =>
  source?.kind === 'rule' || (peers !== null && peers.of > 0 && peers.holding * 2 >= peers.of);

const day = (at: string): string => at.slice(0, 10);
const isOld = (at: string, now: string): boolean => Date.parse(now) - Date.parse(at) > INACTIVE_DAYS * DAY_MS;
const ground = (points: Ground['points'], because: string): Ground => ({ points, because });

/** Somebody new has had no time to sign in: that says nothing yet. */
function bySignIn({ lastSignInAt, provisionedAt, now }: RecommendationFacts): Ground {
  if (lastSignInAt === null)
    return isOld(provisionedAt, now)
      ? ground('revoke', `never signed in since the account came into being on ${day(provisionedAt)}`)
      : ground('none', `not signed in yet; the account is new (${day(provisionedAt)})`);
  const seen = `last signed in on ${day(lastSignInAt)}`;
  return isOld(lastSignInAt, now)
    ? ground('revoke', `${seen}, more than ${INACTIVE_DAYS} days ago`)
    : ground('certify', seen);
}

/** What was given a moment ago has had no time to be used. */
function byUse({ use, grantedAt, now }: RecommendationFacts): Ground {
  if (use === null) return ground('none', 'whether it is used is unknown: no source says so');
  const { lastUsedAt, knownSince, knownUntil } = use;
  if (lastUsedAt !== null && !isOld(lastUsedAt, now)) return ground('certify', `last used on ${day(lastUsedAt)}`);
  const said =
    lastUsedAt === null
      ? `no use since ${day(knownSince)}, from when on it is known`
      : `last used on ${day(lastUsedAt)}`;
  if (grantedAt !== null && !isOld(grantedAt, knownUntil)) return ground('none', `${said}; given on ${day(grantedAt)}`);
  const idleSince = lastUsedAt !== null && lastUsedAt > knownSince ? lastUsedAt : knownSince;
  if (!isOld(idleSince, knownUntil)) return ground('none', `${said}; last told of on ${day(knownUntil)}`);
  return ground('revoke', `${said}, more than ${INACTIVE_DAYS} days ago`);
}

function byPeers({ peers }: RecommendationFacts): Ground | null {
  if (peers === null || peers.of === 0) return null;
  const { holding, of } = peers;
  return ground('none', `${holding} of ${of} others with the same department and title hold it`);
}

function bySource({ source }: RecommendationFacts): Ground | null {
  switch (source?.kind) {
    case undefined:
      return null;
    case 'rule':
      return ground('none', `given by the rule ${source.rule}@${source.ruleVersion} of ${source.connection}`);
    case 'manual':
      return ground('none', 'given by hand, not by a rule');
    case 'elevation':
      return ground('none', 'given for a time, on request');
    case 'import':
      return ground('none', 'given by an import');
  }
}
