import { Injectable } from '@nestjs/common';
import { HeldChanges } from '#libs/configuration';
import { findHeldChange, findHeldChanges, type HeldChangeRecord } from '#libs/read-model';
import { differencesFor } from '../changes/change-resource.js';
import { PersonNames, type PersonShown } from '../people/person-names.js';
import { ReadingPlace } from '../people/reading-place.js';
import type { ChangeInFull, ChangeShown } from './changes.page.js';

/** Most changes that the page lists, those that lapse first included as they were asked for first. */
const SHOWN_MAX = 50;

const ACCOUNT = 'account:';

/** Makes what pages show of changes that wait for a second person. For administrators, who may see all of it. */
@Injectable()
export class ChangeViews {
  constructor(
    private readonly changes: HeldChanges,
    private readonly names: PersonNames,
    private readonly readModel: ReadingPlace,
  ) {}

  /** What waits and was not answered by whoever looks, in the order in which it was asked for. */
  async waiting(tenant: string, account: string, at: string | undefined): Promise<readonly ChangeShown[]> {
    const through = await this.readModel.reachedSoon(at);
    const query = { tenant, through, status: ['held'], limit: SHOWN_MAX };
    const { items } = await findHeldChanges(this.readModel.database, query);
    const open = items.filter(({ approvals }) => !approvals.some(({ by }) => by === `${ACCOUNT}${account}`));
    const nameOf = await this.names.of(tenant, open.flatMap(accountsOf));
    return open.map((row) => shown(row, account, nameOf));
  }

  /** One change in full; null where there is none. */
  async inFull(tenant: string, change: string, account: string): Promise<ChangeInFull | null> {
    const row = await findHeldChange(this.readModel.database, { tenant, change });
    if (row === null) return null;
    const nameOf = await this.names.of(tenant, accountsOf(row));
    const detail = await this.changes.inDetail(tenant, change);
    const { status, approvals } = detail.state;
    const { losses = [], warnings = [], remarks = [], confirm = null } = detail.consequences ?? {};
    return {
      ...shown(row, account, nameOf),
      status: status === 'absent' ? row.status : status,
      reason: row.reason ?? '',
      approvals: approvals.length,
      approvalsNeeded: this.changes.approvalsNeeded(detail.state, tenant),
      differences: differencesFor(row, detail, true),
      losses,
      warnings,
      remarks,
      confirm,
      isAnswerable: status === 'held' && !approvals.includes(`${ACCOUNT}${account}`),
    };
  }
}

const accountsOf = ({ requestedBy }: HeldChangeRecord): string[] =>
  requestedBy.startsWith(ACCOUNT) ? [requestedBy.slice(ACCOUNT.length)] : [];

function shown(row: HeldChangeRecord, account: string, nameOf: (account: string) => PersonShown): ChangeShown {
  const { change: id, kind, target, requestedBy, validUntil } = row;
  const [asker] = accountsOf(row);
  return {
    id,
    kind,
    target,
    person: asker === undefined ? requestedBy.replace(':', ' ') : nameOf(asker).name,
    isOwn: asker === account,
    validUntil: validUntil?.toISOString() ?? '',
  };
}
