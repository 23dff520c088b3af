import { Injectable } from '@nestjs/common';
import type { InTenant } from '#libs/catalog';
import { knownToPolicies, policySettingsOf, readPolicy } from '#libs/configuration';
import type { PolicySettings, ReviewPolicy } from '#libs/contracts';
import type { PolicyState } from '#libs/domain';
import { InvalidRequestError } from '#libs/platform';
import { namesWithheld } from '../policies/shown-policy.js';
import type { Stint } from '../reading/stint.js';
import { AdHocReviews } from '../reviewing/ad-hoc-reviews.js';
import type { AskedWhatIf, Ending } from './asked-what-if.js';
import { ConformanceWhatIf } from './conformance-what-if.js';
import { ElevationWhatIf } from './elevation-what-if.js';
import { SodWhatIf } from './sod-what-if.js';
import type { Tally } from './tally.js';
import { WatchWhatIf } from './watch-what-if.js';
import type { ProposedPolicyDto } from './what-if.dto.js';

/** Whom a policy that is not in force would concern. */
@Injectable()
export class PolicyWhatIf {
  constructor(
    private readonly sod: SodWhatIf,
    private readonly conformance: ConformanceWhatIf,
    private readonly watches: WatchWhatIf,
    private readonly elevations: ElevationWhatIf,
    private readonly reviews: AdHocReviews,
  ) {}

  /** @throws {ConfigurationInvalidError} for settings that could not be in force */
  read(
    { id, settings }: ProposedPolicyDto,
    { tenant, catalog }: Pick<AskedWhatIf, 'tenant' | 'catalog'>,
  ): PolicySettings {
    const read = policySettingsOf(readPolicy({ ...settings, id, enabled: true }, knownToPolicies(catalog, tenant)));
    if (!namesWithheld(read)) return read;
    const problem = 'names somebody who was withheld: read the policy with personal:read, or say who is meant';
    throw new InvalidRequestError([{ field: 'policy.settings', problem }]);
  }

  async of(id: string, settings: PolicySettings, asked: AskedWhatIf, stint: Stint, tally: Tally): Promise<Ending> {
    const { tenant, catalog, now } = asked;
    const version = (catalog.policy(tenant, id)?.version ?? 0) + 1;
    switch (settings.kind) {
      case 'sod':
        return this.sod.of({ id, version, settings }, asked, stint, tally);
      case 'conformance':
        return this.conformance.of(settings, asked, stint, tally);
      case 'elevation':
        return this.elevations.of(settings, asked, stint, tally);
      case 'review':
        return this.#review(settings, asked, stint, tally);
      default: {
        const made = { id, tenant, status: 'present', version, enabled: true, settings, managedBy: 'api', since: now };
        return this.watches.of(made as InTenant<PolicyState>, asked, stint, tally);
      }
    }
  }

  /** A review of everything in its scope, as its schedule or somebody would open it today. */
  async #review(terms: ReviewPolicy, { tenant }: AskedWhatIf, stint: Stint, tally: Tally): Promise<Ending> {
    const { items, byReviewer, complete } = await this.reviews.count({ tenant, terms }, stint);
    tally.count('items', items);
    tally.count('withoutReviewer', byReviewer.get(null) ?? 0);
    for (const [account, count] of byReviewer) tally.asked(account, count);
    if (terms.triggers.length > 0)
      tally.notes.add('Triggers ask about single accounts when something happens to them; counted is the whole scope.');
    return complete ? 'done' : 'cut short';
  }
}
