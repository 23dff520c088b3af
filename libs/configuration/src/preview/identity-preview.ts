import type { ConnectionSettings } from '#libs/contracts';
import {
  admit,
  type DueRole,
  factsOf,
  type Judgement,
  judgeRules,
  type MappedIdentity,
  mapIdentity,
  type PresentedIdentity,
  type RuleFacts,
  rolesDue,
  SignInRefusedError,
} from '#libs/domain';

/** A connection, as far as what it makes of a person depends on it. */
export interface PreviewedConnection {
  readonly enabled: boolean;
  readonly settings: ConnectionSettings;
  readonly ownedDomains: readonly string[];
  /** Roles that the catalogue holds and has not retired; null: whatever the rules name. */
  readonly liveRoles: ReadonlySet<string> | null;
}

/** Why a person would not be let in. */
export interface PreviewedRefusal {
  readonly code: string;
  readonly message: string;
  /** `rule@version`, or the id of a rule of admission. */
  readonly rule: string | null;
}

/** What a connection makes of a person whom its source vouches for, whether or not there is an account. */
export interface IdentityPreview {
  /** Null when the person would be admitted. */
  readonly refusal: PreviewedRefusal | null;
  /** Null when the person cannot be told from others: then `refusal` says why. */
  readonly identity: {
    readonly subject: string;
    /** By name of the attribute; one without a value is null. */
    readonly profile: Readonly<Record<string, string | readonly string[] | null>>;
    readonly emailVerified: boolean;
    /** Where an account would be made. */
    readonly directory: string;
  } | null;
  /** Null when unknown: then no role that groups gave would be taken away. */
  readonly groups: readonly string[] | null;
  /** Every rule of the connection, in order. */
  readonly judgements: readonly Pick<Judgement, 'rule' | 'version' | 'matched' | 'undecided' | 'why'>[];
  readonly roles: readonly DueRole[];
}

/**
 * Runs a person through the mapping, the admission and the rules of a connection, which are those of sign-ins. Pure: asks for no account and
 * changes nothing. Rules are judged also for whom the connection would turn away.
 */
export function previewIdentity(connection: PreviewedConnection, presented: PresentedIdentity): IdentityPreview {
  const { settings, ownedDomains } = connection;
  const mapped = attempt(() => mapIdentity(settings, presented, ownedDomains));
  if ('refusal' in mapped) {
    const facts = factsOf(settings, presented);
    return { ...judged(facts, judgeRules(settings.rules, facts), connection), ...mapped, identity: null };
  }
  const { done: identity } = mapped;
  const admitted = attempt(() => {
    if (!connection.enabled) throw new SignInRefusedError('connection-disabled');
    admit(settings, identity);
  });
  return {
    ...judged(identity, identity.judgements, connection),
    refusal: 'refusal' in admitted ? admitted.refusal : null,
    identity: shown(identity),
  };
}

function judged({ groups }: RuleFacts, judgements: readonly Judgement[], { settings, liveRoles }: PreviewedConnection) {
  const live = liveRoles ?? new Set(settings.rules.flatMap(({ grant }) => grant));
  return {
    groups: groups.known ? [...groups.values] : null,
    judgements: judgements.map(({ rule, version, matched, undecided, why }) => ({
      rule,
      version,
      matched,
      undecided,
      why,
    })),
    roles: [...rolesDue(settings.rules, judgements, live).values()],
  };
}

const shown = ({ subject, offered, emailVerified, directory }: MappedIdentity): IdentityPreview['identity'] => ({
  subject,
  profile: Object.fromEntries(offered),
  emailVerified,
  directory,
});

function attempt<T>(work: () => T): { readonly done: T } | { readonly refusal: PreviewedRefusal } {
  try {
    return { done: work() };
  } catch (error) {
    if (!(error instanceof SignInRefusedError)) throw error;
    return { refusal: { code: error.code, message: error.message, rule: error.rule } };
  }
}
