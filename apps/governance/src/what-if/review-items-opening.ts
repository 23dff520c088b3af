import { Injectable } from '@nestjs/common';
import type { CatalogView } from '#libs/catalog';
import type { ConnectionSettings, ReviewPolicy } from '#libs/contracts';
import {
  type ConnectionState,
  type FiredTrigger,
  inScope,
  type TriggerContext,
  triggersOf,
  wentBefore,
} from '#libs/domain';
import { Principals } from '../reading/principals.js';
import { roleFacts } from '../reviewing/candidate.js';
import type { AskedWhatIf } from './asked-what-if.js';
import type { PersonAgain } from './people-again.js';

/** Whatever is no later than this was always so. */
const EVER = '';

interface Bound {
  readonly settings: ReviewPolicy;
  /** Accounts of the people whom the scope names. */
  readonly people: ReadonlySet<string>;
}

/** How many items the policies in force would open over what signing in again would change. */
@Injectable()
export class ReviewItemsOpening {
  constructor(private readonly principals: Principals) {}

  /** @returns the number of items for one person; scopes of orphans count none, for who signs in has a source */
  async under(
    { tenant, catalog, now }: AskedWhatIf,
    state: ConnectionState,
    proposed: ConnectionSettings,
  ): Promise<(person: PersonAgain) => number> {
    const policies = await this.#policies(tenant, catalog);
    const present = new Map(state.settings?.rules.map(({ id, version }) => [id, version]));
    const unchanged = new Set(
      proposed.rules.filter(({ id, version }) => present.get(id) === version).map(({ id }) => id),
    );
    const ruleSince: TriggerContext['ruleSince'] = (connection, rule) =>
      connection === state.id && !unchanged.has(rule) ? now : EVER;
    const isPrivileged = (role: string) => roleFacts(catalog, tenant, role).privileged;
    return ({ account, history, again: { steps } }) => {
      const whole = [...history, ...steps.map(({ event }) => event)];
      const fired = steps.flatMap(({ event, after }) =>
        triggersOf(event, after, { ...wentBefore(whole, event), ruleSince, isPrivileged }),
      );
      return policies.reduce((sum, policy) => sum + itemsOf(policy, fired, { tenant, account, catalog }), 0);
    };
  }

  async #policies(tenant: string, catalog: CatalogView): Promise<Bound[]> {
    const bound: Bound[] = [];
    for (const { enabled, settings } of catalog.policies(tenant)) {
      if (!enabled || settings?.kind !== 'review' || settings.triggers.length === 0) continue;
      const found = await this.principals.findAll(tenant, settings.scope.people);
      bound.push({ settings, people: new Set(found.values()) });
    }
    return bound;
  }
}

function itemsOf(
  { settings, people }: Bound,
  fired: readonly FiredTrigger[],
  { tenant, account, catalog }: { readonly tenant: string; readonly account: string; readonly catalog: CatalogView },
): number {
  const grants = fired.filter(({ trigger }) => settings.triggers.includes(trigger)).flatMap(({ grants }) => grants);
  const asked = grants.filter(({ role, source }) => {
    const facts = { role, account, connection: source.connection, orphan: false, ...roleFacts(catalog, tenant, role) };
    return inScope(settings.scope, facts, people);
  });
  return new Set(asked.map(({ id }) => id)).size;
}
