import { Inject, Injectable } from '@nestjs/common';
import type { ElevationPolicy } from '#libs/contracts';
import type { Database } from '#libs/database';
import { DATABASE } from '#libs/platform';
import { grantsInScope } from '#libs/read-model';
import { ElevationPeople } from '../elevations/elevation-people.js';
import type { Stint } from '../reading/stint.js';
import type { AskedWhatIf, Ending } from './asked-what-if.js';
import type { Tally } from './tally.js';

/** Grants that one statement answers. */
const GRANTS_AT_ONCE = 2_000;

/** Who holds today, for good, what a policy would lend for a time, and who would be asked for it. */
@Injectable()
export class ElevationWhatIf {
  constructor(
    private readonly people: ElevationPeople,
    @Inject(DATABASE) private readonly database: Database,
  ) {}

  async of(settings: ElevationPolicy, asked: AskedWhatIf, stint: Stint, tally: Tally): Promise<Ending> {
    const { tenant, catalog, knownAt, now } = asked;
    for (const role of settings.roles) {
      const found = await this.people.find(catalog, { tenant, role, profile: null, settings });
      const approvers = new Set([...found.preferred.flat(), ...found.fallback]);
      for (const approver of approvers.size > 0 ? approvers : [null]) tally.asked(approver, 1);
    }
    if (settings.approvers.some(({ kind }) => kind === 'manager'))
      tally.notes.add('Who a manager is depends on who asks; managers are not among the approvers here.');
    for (let after: { grantedPosition: number; grant: string } | undefined; ; ) {
      const query = { tenant, knownAt, now, roles: settings.roles, after, limit: GRANTS_AT_ONCE };
      const grants = await grantsInScope(this.database, query);
      for (const { account, role, grant, grantedEvent, source } of grants) {
        await stint.breathe();
        tally.count(source.kind === 'elevation' ? 'elevationsNow' : 'standingGrants');
        if (source.kind !== 'elevation') tally.person({ account, held: [{ role, grant, event: grantedEvent }] });
      }
      const last = grants.at(-1);
      if (grants.length < GRANTS_AT_ONCE || !last) return 'done';
      if (stint.isOver()) return 'cut short';
      after = { grantedPosition: last.grantedPosition, grant: last.grant };
    }
  }
}
