import { Inject, Injectable } from '@nestjs/common';
import {
  type LastSignIn,
  lastSignInsThrough,
  previewIdentity,
  recordedIdentity,
  type SignedInAgain,
  StandingGrants,
  signInAgain,
} from '#libs/configuration';
import type { AccountEvent, RolesAssigned, SignedIn } from '#libs/contracts';
import type { Database } from '#libs/database';
import { accountDecider, countsAt, grantsHeld, preventiveRulesFrom, sodRules } from '#libs/domain';
import { readHistory } from '#libs/event-store';
import { fold, type RecordedEvent, streamName } from '#libs/kernel';
import { DATABASE, WRITE_PATH, type WritePath } from '#libs/platform';
import type { AskedWhatIf } from './asked-what-if.js';
import type { TwoSides } from './proposed-connections.js';
import type { HeldGrant } from './tally.js';

/** People who are looked at together. */
const PEOPLE_AT_ONCE = 25;

/** One of today's people, signing in again with what they last said. */
export interface PersonAgain {
  readonly account: string;
  /** Code; null: admitted as things are. */
  readonly refusedNow: string | null;
  readonly again: SignedInAgain;
  readonly heldNow: readonly HeldGrant[];
  /** Of the account, in order. */
  readonly history: readonly (RecordedEvent & AccountEvent)[];
}

/** Some of today's people. */
export interface PageOfPeople {
  readonly people: readonly PersonAgain[];
  /** Whose claims were erased. */
  readonly unreadable: number;
  /** Account up to which everybody has been looked at. */
  readonly through: string;
}

/** Lets everybody who ever came through a connection, and whose account counts, sign in again as things would be. Records nothing. */
@Injectable()
export class PeopleAgain {
  constructor(
    private readonly standing: StandingGrants,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  async *of(sides: TwoSides, asked: AskedWhatIf): AsyncGenerator<PageOfPeople> {
    await this.standing.catchUp();
    const { tenant, resume } = asked;
    const connection = sides.snapshot.id;
    for (let after = resume?.part === 'people' ? resume.at : null; ; ) {
      const page = await lastSignInsThrough(this.database, { tenant, connection, after, limit: PEOPLE_AT_ONCE });
      const last = page.at(-1);
      if (!last) return;
      const signIns = await this.#signIns(asked.tenant, page);
      const people = await Promise.all(signIns.map((signIn) => this.#again(signIn, sides, asked)));
      yield {
        people: people.filter((each) => each !== 'unreadable' && each !== 'gone'),
        unreadable: people.filter((each) => each === 'unreadable').length,
        through: last.account,
      };
      after = last.account;
    }
  }

  async #signIns(tenant: string, page: readonly LastSignIn[]): Promise<SignedIn['data'][]> {
    const { store, codec } = this.path;
    const streams = page.map(({ signIn }) => streamName({ category: 'signIn', tenant, id: signIn }));
    const stored = await Promise.all(streams.map(async (stream) => (await store.readStream(stream, { limit: 1 }))[0]));
    const events = await codec.decode(stored.filter((event) => event !== undefined));
    return events.map(({ data }) => data as SignedIn['data']);
  }

  async #again(
    signIn: SignedIn['data'],
    { before, snapshot }: TwoSides,
    { tenant, catalog, now }: AskedWhatIf,
  ): Promise<PersonAgain | 'unreadable' | 'gone'> {
    const { account } = signIn;
    const presented = recordedIdentity(signIn);
    if (presented === null) return 'unreadable';
    const history = await readHistory(this.path, streamName({ category: 'account', tenant, id: account }));
    const events = history.events as readonly (RecordedEvent & AccountEvent)[];
    const state = fold(accountDecider, events);
    if (!countsAt(state, now)) return 'gone';
    const { directories = [] } = catalog.tenant(tenant)?.settings ?? {};
    const again = signInAgain({
      tenant,
      account: state,
      revision: history.revision,
      connection: snapshot,
      presented,
      issuer: signIn.proof.issuer,
      liveRoles: catalog.liveRoles(tenant),
      authority: directories.find(({ id }) => id === state.directory)?.authority ?? {},
      preventive: preventiveRulesFrom(catalog, { tenant, account, now }),
      sod: sodRules(catalog.policies(tenant), catalog.sodExceptions(tenant), account, now),
      now,
    });
    const given = givenBy(events);
    const heldNow = grantsHeld(state, now).map(({ id, role }) => ({ role, grant: id, event: given.get(id) ?? null }));
    return {
      account,
      refusedNow: previewIdentity(before, presented).refusal?.code ?? null,
      again,
      heldNow,
      history: events,
    };
  }
}

/** Grant → id of the event that gave it. */
function givenBy(events: readonly (RecordedEvent & AccountEvent)[]): Map<string, string> {
  const assigned = events.filter((event): event is RecordedEvent & RolesAssigned => event.type === 'RolesAssigned');
  return new Map(assigned.flatMap(({ id, data }) => data.grants.map((grant) => [grant.id, id] as const)));
}
