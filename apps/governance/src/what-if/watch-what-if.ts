import { Inject, Injectable } from '@nestjs/common';
import type { InTenant } from '#libs/catalog';
import type { FindingKind } from '#libs/contracts';
import type { Database } from '#libs/database';
import type { PolicyState } from '#libs/domain';
import { DATABASE } from '#libs/platform';
import { dormantLook } from '../findings/looking/dormant-accounts.js';
import type { Look } from '../findings/looking/looking.js';
import { orphanLook } from '../findings/looking/orphan-accounts.js';
import { unknownGroupsLook } from '../findings/looking/unknown-groups.js';
import { unresolvedLook } from '../findings/looking/unresolved-people.js';
import { unsponsoredLook } from '../findings/looking/unsponsored-accounts.js';
import { unusedLook } from '../findings/looking/unused-grants.js';
import { watchOf } from '../findings/watches.js';
import { Principals } from '../reading/principals.js';
import type { Stint } from '../reading/stint.js';
import type { AskedWhatIf, Ending } from './asked-what-if.js';
import type { Tally } from './tally.js';

const LOOKS: Partial<Record<FindingKind, Look>> = {
  dormant: dormantLook,
  orphan: orphanLook,
  unresolved: unresolvedLook,
  unknownGroups: unknownGroupsLook,
  unsponsored: unsponsoredLook,
  unused: unusedLook,
};

/** What a policy on accounts and grants that stand out would find today, and on how many accounts its first run would act. */
@Injectable()
export class WatchWhatIf {
  constructor(
    private readonly principals: Principals,
    @Inject(DATABASE) private readonly database: Database,
  ) {}

  async of(policy: InTenant<PolicyState>, asked: AskedWhatIf, stint: Stint, tally: Tally): Promise<Ending> {
    const [watch] = watchOf(policy);
    const look = watch && LOOKS[watch.kind];
    if (!look) {
      tally.notes.add(
        'Insights are told from events as they come; what they would be about cannot be told beforehand.',
      );
      return 'done';
    }
    const { catalog, now, knownAt } = asked;
    const accounts = new Set<string>();
    for await (const page of look(
      { database: this.database, catalog, principals: this.principals, now, knownAt },
      watch,
    )) {
      for (const { account = null, code, grant, role, event = null } of page) {
        tally.count('findings');
        if (account !== null) accounts.add(account);
        const held = grant === undefined || role === undefined ? [] : [{ role, grant, event }];
        tally.person({ account, code, held });
        await stint.breathe();
      }
      if (stint.isOver()) return 'cut short';
    }
    tally.count('accounts', accounts.size);
    if (watch.action !== 'finding') tally.count('firstRunActsOn', Math.min(watch.maxPerRun, accounts.size));
    return 'done';
  }
}
