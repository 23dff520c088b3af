import { Inject, Injectable } from '@nestjs/common';
import type { Catalog, CatalogView } from '#libs/catalog';
import { CATALOG } from '#libs/platform';
import { type ElevationRecord, findElevations } from '#libs/read-model';
import { PersonNames, type PersonShown } from '../people/person-names.js';
import { ReadingPlace } from '../people/reading-place.js';
import type { ElevationShown } from './approvals.page.js';
import { roleShown } from './review-views.js';

/** Most requests that one page shows. */
const SHOWN_MAX = 50;

/** Makes what pages show of elevations. */
@Injectable()
export class ElevationViews {
  constructor(
    @Inject(CATALOG) private readonly catalog: Catalog,
    private readonly names: PersonNames,
    private readonly readModel: ReadingPlace,
  ) {}

  /** What waits for an account's approval, the oldest first, and what it has asked for itself, under way first. */
  async of(
    tenant: string,
    account: string,
    at: string | undefined,
  ): Promise<{ readonly waiting: readonly ElevationShown[]; readonly own: readonly ElevationShown[] }> {
    const through = await this.readModel.reachedSoon(at);
    const { database } = this.readModel;
    const common = { tenant, through, limit: SHOWN_MAX };
    const [waiting, current, past] = await Promise.all([
      findElevations(database, { ...common, status: ['requested'], approver: account }),
      findElevations(database, { ...common, status: ['requested', 'active'], account }),
      findElevations(database, { ...common, status: ['refused', 'ended'], account }),
    ]);
    const others = waiting.items.filter((one) => isAnswerableBy(one, account));
    const own = [...current.items.toReversed(), ...past.items.toReversed()];
    const people = [...others, ...own].flatMap((one) => [one.account, ...(one.requestedBy ? [one.requestedBy] : [])]);
    const nameOf = await this.names.of(tenant, people);
    const catalog = await this.catalog.current();
    const toShown = (one: ElevationRecord) => shown(one, catalog, nameOf);
    return { waiting: others.map(toShown), own: own.map(toShown) };
  }
}

/** Nobody answers their own request, nor the same one twice. */
const isAnswerableBy = ({ account, requestedBy, approvals }: ElevationRecord, approver: string): boolean =>
  account !== approver && requestedBy !== approver && !approvals.some(({ by }) => by === approver);

function shown(one: ElevationRecord, catalog: CatalogView, nameOf: (account: string) => PersonShown): ElevationShown {
  const { elevation, status, account, requestedBy, breakGlass, durationMs, approvals, approvalsNeeded } = one;
  return {
    id: elevation,
    status,
    person: nameOf(account).name,
    requestedBy: requestedBy === null || requestedBy === account ? null : nameOf(requestedBy).name,
    role: roleShown(catalog, one),
    reason: one.reason ?? '',
    durationMs,
    breakGlass,
    approvals: approvals.length,
    approvalsNeeded,
    validUntil: one.validUntil.toISOString(),
    until: one.until?.toISOString() ?? null,
  };
}
