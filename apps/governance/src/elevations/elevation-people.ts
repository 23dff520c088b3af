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
    const named = asked.settings.approvers.map((part) => principalOf(view, asked, part));
    const { fallback } = asked.settings;
    const wanted = [...named, ...fallback].filter((principal) => principal !== null);
    const found = await this.principals.findAll(asked.tenant, [...new Set(wanted)]);
    const accountsOf = (principal: string | null) => {
      const account = principal === null ? undefined : found.get(principal);
      return account === undefined ? [] : [account];
    };
    return { preferred: named.map(accountsOf), fallback: fallback.flatMap(accountsOf) };
  }
}

/** Whom a part means; null where nobody plays it, and for oneself, who never approves. */
function principalOf(view: CatalogView, { tenant, role, profile }: PeopleAsked, part: Reviewer): string | null {
  const known = view.role(tenant, role);
  switch (part.kind) {
    case 'named':
      return part.principal;
    case 'manager':
      return profile?.manager ?? null;
    case 'roleOwner':
      return known?.owner ?? null;
    case 'applicationOwner': {
      const applications = view.tenant(tenant)?.settings?.applications ?? [];
      return applications.find(({ id }) => id === known?.settings?.application)?.owner ?? null;
    }
    case 'self':
      return null;
  }
}
