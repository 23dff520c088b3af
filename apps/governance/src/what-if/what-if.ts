import { Inject, Injectable } from '@nestjs/common';
import type { Catalog, CatalogView, InTenant } from '#libs/catalog';
import { ConnectionNotFoundError, type ConnectionState } from '#libs/domain';
import {
  CATALOG,
  CLOCK,
  type Clock,
  InvalidCursorError,
  InvalidRequestError,
  makeCursor,
  readCursor,
} from '#libs/platform';
import { accountNames } from '#libs/read-model';
import { ReadingPlace } from '../people/reading-place.js';
import { DryRuns } from '../reading/dry-runs.js';
import type { Stint } from '../reading/stint.js';
import type { AskedWhatIf, Ending, Resume } from './asked-what-if.js';
import { ConnectionWhatIf } from './connection-what-if.js';
import { PolicyWhatIf } from './policy-what-if.js';
import { Tally } from './tally.js';
import { DAYS_DEFAULT, type WhatIfDto, type WhatIfResultDto } from './what-if.dto.js';

const DAY_MS = 86_400_000;
const CURSOR = 'what-if.1';

/** Who asks. */
export interface Asker {
  readonly tenant: string;
  /** Whether names are shown. */
  readonly personal: boolean;
  readonly minPosition: string | undefined;
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal;
}

/** Tells what a policy or other settings of a connection would come to. Records nothing. */
@Injectable()
export class WhatIf {
  constructor(
    private readonly policies: PolicyWhatIf,
    private readonly connections: ConnectionWhatIf,
    private readonly place: ReadingPlace,
    private readonly dryRuns: DryRuns,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * @throws {InvalidRequestError | ConfigurationInvalidError | ConnectionNotFoundError | InvalidCursorError}
   * @throws {DryRunsBusyError} while too many are answered
   */
  of(body: WhatIfDto, asker: Asker): Promise<WhatIfResultDto> {
    return this.dryRuns.run(asker.tenant, asker.signal, (stint) => this.#answer(body, asker, stint));
  }

  async #answer(body: WhatIfDto, { tenant, personal, minPosition }: Asker, stint: Stint): Promise<WhatIfResultDto> {
    const now = this.clock.now();
    const asked: AskedWhatIf = {
      tenant,
      catalog: await this.catalog.current(),
      now: now.toISOString(),
      from: new Date(now.getTime() - (body.signIns?.days ?? DAYS_DEFAULT) * DAY_MS).toISOString(),
      knownAt: await this.place.reached(minPosition),
      resume: body.after === undefined ? null : resumeOf(body.after),
    };
    const tally = new Tally();
    const { about, ending } = await this.#work(body, asked, stint, tally);
    const { people, signIns, notes } = tally;
    const listed = people.items.flatMap(({ account }) => (account === null ? [] : [account]));
    const names = personal
      ? await accountNames(this.place.database, { tenant, accounts: [...new Set(listed)] })
      : new Map();
    const nameOf = (account: string | null) => {
      const known = account === null ? undefined : names.get(account);
      return known?.displayName ?? known?.userName ?? null;
    };
    return {
      about,
      complete: ending === 'done',
      after: typeof ending === 'object' ? makeCursor(CURSOR, [ending.part, ending.at]) : null,
      from: asked.from,
      ...tally.sums(),
      people: { total: people.total, items: people.items.map((each) => ({ ...each, name: nameOf(each.account) })) },
      signIns: { total: signIns.total, items: signIns.items },
      notes: [...notes],
    };
  }

  async #work(
    body: WhatIfDto,
    asked: AskedWhatIf,
    stint: Stint,
    tally: Tally,
  ): Promise<{ readonly about: string; readonly ending: Ending }> {
    const { policy, connection, settings, rules } = body;
    if ((policy === undefined) === (connection === undefined))
      throw wrong('policy', 'either a policy or a connection must be there, and not both');
    if (policy) {
      const read = this.policies.read(policy, asked);
      return { about: read.kind, ending: await this.policies.of(policy.id, read, asked, stint, tally) };
    }
    if ((settings === undefined) === (rules === undefined))
      throw wrong('settings', 'either the settings or the rules that the connection would have must be there');
    const state = connectionOf(asked.catalog, asked.tenant, connection ?? '');
    const ending = await this.connections.of(state, settings ?? { rules }, asked, stint, tally);
    return { about: 'connection', ending };
  }
}

/** @throws {ConnectionNotFoundError} also for another tenant's */
function connectionOf(catalog: CatalogView, tenant: string, id: string): InTenant<ConnectionState> {
  const state = catalog.connection(id);
  if (state?.tenant !== tenant || state.status !== 'present') throw new ConnectionNotFoundError();
  return state;
}

/** @throws {InvalidCursorError} */
function resumeOf(cursor: string): Resume {
  const [part, at] = readCursor(CURSOR, ['string', 'string'], cursor);
  const fits = part === 'people' ? /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(at) : /^\d{1,16}$/.test(at);
  if (!fits) throw new InvalidCursorError();
  return { part, at };
}

const wrong = (field: string, problem: string) => new InvalidRequestError([{ field, problem }]);
