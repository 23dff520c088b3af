import { Inject, Injectable } from '@nestjs/common';
import type { Catalog, CatalogView } from '#libs/catalog';
import { type AccountState, accountDecider, type Grant, grantsHeld } from '#libs/domain';
import { readAggregate } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import { CATALOG, CLOCK, type Clock, WRITE_PATH, type WritePath } from '#libs/platform';
import type { Asking } from './evaluation-callers.js';
import type { Evaluation } from './evaluation-request.js';

/** The action that asks whether somebody may come in to an application at all. */
const ACCESS = 'access';

/** An answer, in the form of the Authorization API 1.0 §6. */
export interface Decision {
  readonly decision: boolean;
  readonly context: {
    /** Stable; `granted`, or why not. */
    readonly reason: string;
    /** For a person. */
    readonly text: string;
    /** The grant that gives it, for `GET /api/v1/access/{grant}/why`. */
    readonly grant?: string;
    readonly role?: string;
    /** When the grant ends by itself; absent when it does not. */
    readonly until?: string;
  };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const TEXTS = {
  'incomplete-question': 'The question names no subject, action or resource.',
  'unknown-subject-type': 'Ask about a subject of the type account, by the account id (the `sub` of its tokens).',
  'unknown-resource-type': 'Ask about a resource of the type application or role.',
  'not-your-application': 'A client may ask about its own application only.',
  'no-such-role': 'There is no such role in the catalogue of this application.',
  'no-such-account': 'There is no such account.',
  'account-not-active': 'The account is suspended or past its end.',
  'role-not-held': 'The account holds no open grant of it.',
} as const;

type Refusal = keyof typeof TEXTS;

/** Answers whether an account may do something: from its stream and the catalogue as they are now, so an answer is never behind. */
@Injectable()
export class AccessDecisions {
  constructor(
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Makes the answerer of one request: it reads the catalogue once, and every account once. */
  async answerer(asking: Asking): Promise<(question: Evaluation | null) => Promise<Decision>> {
    const view = await this.catalog.current();
    const now = this.clock.now().toISOString();
    const accounts = new Map<string, Promise<AccountState>>();
    return async (question) => {
      if (!question) return refused('incomplete-question');
      const roles = rolesAskedFor(question, view, asking);
      if (typeof roles === 'string') return refused(roles);
      const { id } = question.subject;
      if (!isAccount(question.subject)) return refused('unknown-subject-type');
      const reading = accounts.get(id) ?? this.#account(asking.tenant, id);
      accounts.set(id, reading);
      return decisionOn(await reading, roles, now);
    };
  }

  async #account(tenant: string, id: string): Promise<AccountState> {
    const { state } = await readAggregate(this.path, streamName({ category: 'account', tenant, id }), accountDecider);
    return state;
  }
}

const isAccount = ({ type, id }: Evaluation['subject']): boolean =>
  (type === 'account' || type === 'user') && UUID.test(id);

/** Which roles would each do: of an application any, or the one that the action names, whole or without the application's prefix. */
function rolesAskedFor(
  { action, resource }: Evaluation,
  view: CatalogView,
  { tenant, application }: Asking,
): ReadonlySet<string> | Refusal {
  const live = view.roles(tenant).filter(({ status }) => status === 'live');
  if (resource.type === 'role') {
    const role = live.find(({ id }) => id === resource.id);
    if (!role) return 'no-such-role';
    return application !== null && role.settings?.application !== application
      ? 'not-your-application'
      : new Set([role.id]);
  }
  if (resource.type !== 'application') return 'unknown-resource-type';
  if (application !== null && application !== resource.id) return 'not-your-application';
  const ids = live.filter(({ settings }) => settings?.application === resource.id).map(({ id }) => id);
  if (action.name === ACCESS) return new Set(ids);
  const meant = ids.filter((id) => id === action.name || id === `${resource.id}.${action.name}`);
  return meant.length > 0 ? new Set(meant) : 'no-such-role';
}

function decisionOn(account: AccountState, roles: ReadonlySet<string>, now: string): Decision {
  if (!account.exists) return refused('no-such-account');
  if (account.status !== 'active' || (account.expiresAt !== null && account.expiresAt <= now))
    return refused('account-not-active');
  const [grant] = grantsHeld(account, now)
    .filter(({ role }) => roles.has(role))
    .sort(longestFirst);
  if (!grant) return refused('role-not-held');
  const { id, role, until } = grant;
  const text = `The account holds ${role}.`;
  return {
    decision: true,
    context: { reason: 'granted', text, grant: id, role, ...(until === null ? {} : { until }) },
  };
}

/** A grant without an end before one with an end, a later end before an earlier one. */
function longestFirst(one: Grant, other: Grant): number {
  if (one.until === other.until) return 0;
  if (one.until === null) return -1;
  return other.until === null || one.until < other.until ? 1 : -1;
}

const refused = (reason: Refusal): Decision => ({ decision: false, context: { reason, text: TEXTS[reason] } });
