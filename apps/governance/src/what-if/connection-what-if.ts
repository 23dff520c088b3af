import { Injectable } from '@nestjs/common';
import type { InTenant } from '#libs/catalog';
import {
  type PreviewedConnection,
  recordedSignIn,
  replayed,
  SIGN_IN_EVENTS,
  type SignedInAgain,
} from '#libs/configuration';
import type { ConnectionState } from '#libs/domain';
import type { Stint } from '../reading/stint.js';
import type { AskedWhatIf, Ending } from './asked-what-if.js';
import { PeopleAgain, type PersonAgain } from './people-again.js';
import { ProposedConnections } from './proposed-connections.js';
import { RecordedDays } from './recorded-days.js';
import { ReviewItemsOpening } from './review-items-opening.js';
import type { Tally } from './tally.js';

/** What other settings of a connection would do to today's people, and would have done to recorded sign-ins. */
@Injectable()
export class ConnectionWhatIf {
  constructor(
    private readonly proposed: ProposedConnections,
    private readonly people: PeopleAgain,
    private readonly days: RecordedDays,
    private readonly reviews: ReviewItemsOpening,
  ) {}

  async of(
    state: InTenant<ConnectionState>,
    patch: Readonly<Record<string, unknown>>,
    asked: AskedWhatIf,
    stint: Stint,
    tally: Tally,
  ): Promise<Ending> {
    const sides = await this.proposed.of(state, patch, asked.catalog);
    if (asked.resume?.part !== 'signIns') {
      const itemsOf = await this.reviews.under(asked, state, sides.snapshot.settings);
      for await (const { people, unreadable, through } of this.people.of(sides, asked)) {
        tally.count('peopleLookedAt', people.length);
        tally.count('unreadable', unreadable);
        for (const each of people) {
          addPerson(tally, each, itemsOf(each));
          await stint.breathe();
        }
        if (stint.isOver()) return { part: 'people', at: through };
      }
    }
    return this.#replay(sides, { id: state.id, asked }, stint, tally);
  }

  async #replay(
    { before, after }: { readonly before: PreviewedConnection; readonly after: PreviewedConnection },
    { id, asked }: { readonly id: string; readonly asked: AskedWhatIf },
    stint: Stint,
    tally: Tally,
  ): Promise<Ending> {
    const which = { part: 'signIns', types: SIGN_IN_EVENTS, connection: id };
    for await (const { events, through } of this.days.events(asked, which)) {
      for (const event of events) {
        await stint.breathe();
        const recorded = recordedSignIn(event);
        if (recorded === 'unreadable') tally.count('unreadable');
        if (recorded === null || recorded === 'unreadable') continue;
        tally.count('signInsLookedAt');
        const { refusal, gained, lost } = replayed(recorded.presented, before, after);
        const codes = { before: refusal.before?.code ?? null, after: refusal.after?.code ?? null };
        const turns = (codes.before === null) !== (codes.after === null);
        if (turns) tally.count(codes.after === null ? 'signInsAdmittedAnew' : 'signInsRefusedAnew');
        if (!turns && gained.length === 0 && lost.length === 0) continue;
        tally.count('signInsChanged');
        const { event: id, at, account } = recorded;
        tally.signIn({ event: id, at, account, refusal: codes, rolesGained: gained, rolesLost: lost });
      }
      if (stint.isOver()) return { part: 'signIns', at: String(through) };
    }
    return 'done';
  }
}

function addPerson(tally: Tally, { account, refusedNow, again, heldNow }: PersonAgain, reviewItems: number): void {
  const { rolesGained, rolesLost, conflicts } = again;
  const refusal = { before: refusedNow, after: again.refusal?.code ?? null };
  const turns = (refusal.before === null) !== (refusal.after === null);
  if (turns) tally.count(refusal.after === null ? 'peopleAdmittedAnew' : 'peopleRefusedAnew');
  if (!turns && !changes(again)) return;
  tally.count('peopleChanged');
  tally.count('conflicts', conflicts.length);
  tally.count('reviewItems', reviewItems);
  tally.roles('gained', rolesGained);
  tally.roles('lost', rolesLost);
  const held = conflicts.length > 0 ? heldNow : [];
  tally.person({ account, refusal, rolesGained, rolesLost, conflicts, reviewItems, held });
}

const changes = ({ rolesGained, rolesLost, conflicts }: SignedInAgain): boolean =>
  rolesGained.length + rolesLost.length + conflicts.length > 0;
