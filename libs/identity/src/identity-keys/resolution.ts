import type { IdentityKey, KeyKind } from './identity-key.js';
import { AccountExistsUnlinkedError, UsernameTakenError } from './identity-keys.errors.js';

/** An attribute that identifies a person in a directory. */
export type AttributeKind = Exclude<KeyKind, 'link'>;

/** How the account of a sign-in was found. A hint only: whether the account exists is what its stream says. */
export type Found =
  /** By the link of this very subject. */
  | 'link'
  /** By the connection's linking rule; the link is claimed and has to be recorded. */
  | 'linked-by-rule'
  /** No account is known yet under this id; it may be in the making by another request of the same person. */
  | 'new';

/** Somebody's hold on one of the keys asked for. */
export interface HeldKey {
  readonly kind: KeyKind;
  readonly accountId: string;
  readonly confirmed: boolean;
  readonly claimedAt: Date;
  /** Whether the log has been read far enough to know the account. */
  readonly known: boolean;
  /** Kinds of which the account holds a confirmed key, this one or another. */
  readonly accountKinds: readonly KeyKind[];
}

/** What a sign-in asks, keys already hidden. */
export interface ResolutionRequest {
  readonly link: IdentityKey;
  readonly attributes: ReadonlyMap<AttributeKind, IdentityKey>;
  readonly linking: 'none' | AttributeKind;
  /** Whether the connection changes attributes of existing accounts: a name that will not be taken over is neither claimed nor in the way. */
  readonly update: 'never' | 'fillEmpty' | 'everySignIn';
  /** Whether the connection creates accounts. */
  readonly mayCreate: boolean;
  readonly proposedAccountId: string;
}

/** Who it is, and which keys to claim before anything is recorded. */
export interface Resolution {
  readonly accountId: string;
  readonly how: Found;
  readonly claim: readonly IdentityKey[];
}

/**
 * Decides who a subject is, by the keys that accounts hold. Pure.
 * An e-mail address that is not verified never links, but an account that has it verified stands in the way of a new one.
 * @param held holders of the keys asked for, and of the unverified e-mail address as `verifiedEmail`
 * @returns undefined when nobody is known and no account may be made
 * @throws {UsernameTakenError} when a linked person's new user name is another account's
 * @throws {AccountExistsUnlinkedError} when a new subject bears a key of an account that it may not be linked to
 */
export function decideResolution(request: ResolutionRequest, held: readonly HeldKey[]): Resolution | undefined {
  const link = held.find(({ kind }) => kind === 'link');
  if (link) return stayLinked(request, link, held);
  const match =
    request.attributes.has(request.linking as AttributeKind) && held.find(({ kind }) => kind === request.linking);
  if (match) return linkByRule(request, match, held);
  const [taken] = held;
  if (taken) throw new AccountExistsUnlinkedError(taken.accountId, taken.kind as AttributeKind);
  if (!request.mayCreate) return undefined;
  return { accountId: request.proposedAccountId, how: 'new', claim: [request.link, ...request.attributes.values()] };
}

function stayLinked(request: ResolutionRequest, link: HeldKey, held: readonly HeldKey[]): Resolution {
  const { accountId, confirmed, known } = link;
  const claim = attributesToClaim(request, link, held);
  const nameHolder = held.find((key) => key.kind === 'userName' && key.accountId !== accountId);
  if (nameHolder && takesOver(request, link, 'userName')) {
    if (!known) throw new AccountExistsUnlinkedError(nameHolder.accountId, 'userName');
    throw new UsernameTakenError(accountId, nameHolder.accountId);
  }
  if (!known) return { accountId, how: 'new', claim };
  return { accountId, how: confirmed ? 'link' : 'linked-by-rule', claim };
}

/** Keys that point at two people at once identify neither. */
function linkByRule(request: ResolutionRequest, match: HeldKey, held: readonly HeldKey[]): Resolution {
  const { accountId } = match;
  const other = held.find((key) => key.accountId !== accountId);
  if (other) throw new AccountExistsUnlinkedError(other.accountId, other.kind as AttributeKind);
  return {
    accountId,
    how: 'linked-by-rule',
    claim: [request.link, ...attributesToClaim(request, match, held)],
  };
}

/** Free keys of the attributes that this sign-in may change. One that another account holds stays with it. */
function attributesToClaim(request: ResolutionRequest, account: HeldKey, held: readonly HeldKey[]): IdentityKey[] {
  const taken = new Set(held.map(({ kind }) => kind));
  return [...request.attributes.values()].filter(
    ({ kind }) => !taken.has(kind) && takesOver(request, account, kind as AttributeKind),
  );
}

function takesOver({ update }: ResolutionRequest, account: HeldKey, kind: AttributeKind): boolean {
  if (!account.known || update === 'everySignIn') return true;
  return update === 'fillEmpty' && !account.accountKinds.includes(kind);
}
