import { Injectable } from '@nestjs/common';
import type { CatalogView } from '#libs/catalog';
import type { ElevationPolicy, Profile, Reviewer } from '#libs/contracts';
import { Principals } from '../reading/principals.js';

/** What a policy's words about people are looked up in. */
export interface PeopleAsked {
  readonly tenant: string;
  readonly role: string;
  /** Of the account that gets the role; null where nothing is known of it. */
  readonly profile: Profile | null;
  /** Of the same account: where its manager's name counts. */
  readonly directory?: string;
  readonly settings: Pick<ElevationPolicy, 'approvers' | 'fallback'>;
}

/** Accounts that a policy leads to; only active ones. */
export interface PeopleFound {
  /** One list for each part that the policy names, in its order. */
  readonly preferred: readonly (readonly string[])[];
  readonly fallback: readonly string[];
}

/** Finds the people whom a policy of elevations asks. */
@Injectable()
export class ElevationPeople {
  constructor(private readonly principals: Principals) {}

  /** Everybody at once, as they are now. */
  async find(view: CatalogView, asked: PeopleAsked): Promise<PeopleFound> {
    const { tenant, profile, directory, settings } = asked;
    const { approvers, fallback } = settings;
    const named = approvers.map((part) => principalOf(view, asked, part));
    const wanted = [...named, ...fallback].filter((principal) => principal !== null);
    const found = await this.principals.findAll(tenant, [...new Set(wanted)]);
    const isAsked = approvers.some(({ kind }) => kind === 'manager');
    const manager = isAsked ? await this.principals.find(tenant, profile?.manager ?? null, directory) : null;
    const accountsOf = (principal: string | null) => found.get(principal ?? '') ?? [];
    const preferred = approvers.map(({ kind }, index) =>
      [kind === 'manager' ? (manager ?? []) : accountsOf(named[index] ?? null)].flat(),
    );
    return { preferred, fallback: fallback.flatMap(accountsOf) };
  }
}

/** Whom a part means; null where nobody plays it, and for oneself, who never approves. */
function principalOf(view: CatalogView, { tenant, role }: PeopleAsked, part: Reviewer): string | null {
  const known = view.role(tenant, role);
  switch (part.kind) {
    case 'named':
      return part.principal;
    case 'roleOwner':
      return known?.owner ?? null;
    case 'applicationOwner': {
      const applications = view.tenant(tenant)?.settings?.applications ?? [];
      return applications.find(({ id }) => id === known?.settings?.application)?.owner ?? null;
    }
    case 'manager': // whose name counts elsewhere
    case 'self':
      return null;
  }
}
