import type { SealedEvent } from '#libs/kernel';
import { findEventsAbout } from '../histories/openings.queries.js';
import type { Question } from '../question.js';
import type { ReportSource } from '../report-kind.js';
import { readBodies } from './read-bodies.js';

/** Events that one statement finds. */
const EVENTS_AT_ONCE = 250;

/** An event of an account of which something should come, later in the log. */
export interface Asking {
  readonly id: string;
  readonly account: string;
  readonly position: number;
}

/** What may come of events. */
export interface Effects {
  /** Types of the effects. They are about the account that was asked about. */
  readonly types: readonly string[];
  /** Says whether an event is an effect of one that asked for it on the same account. */
  readonly isEffect: (event: SealedEvent, asking: Asking) => boolean;
  /** Whether one effect of each is enough; otherwise all are found. */
  readonly firstOnly?: boolean;
}

/**
 * Finds what came of events, however much else happened to their accounts in the meantime: the log is looked through to the end of the
 * question, some events at a time, and nothing but effects is kept. Personal fields read `[withheld]`.
 * @param question what was sealed after its `knownAt` is not there, nor what was recorded after its `asOf`, if it has one
 * @param asking at most 500 accounts
 * @returns effects in the order of the log, by id of what asked for them; without an entry, there is none
 */
export async function effectsOf(
  source: ReportSource,
  question: Pick<Question, 'tenant' | 'knownAt'> & { readonly asOf: string | null },
  asking: readonly Asking[],
  { types, isEffect, firstOnly = false }: Effects,
): Promise<ReadonlyMap<string, readonly SealedEvent[]>> {
  const effects = new Map<string, SealedEvent[]>();
  let waiting = Map.groupBy(asking, ({ account }) => account);
  for (let after = Math.min(...asking.map(({ position }) => position)); waiting.size > 0; ) {
    const accounts = [...waiting.keys()];
    const page = await findEventsAbout(source.database, question, { accounts, types, after, limit: EVENTS_AT_ONCE });
    for (const event of await readBodies(source, page, false)) {
      for (const one of waiting.get(accountOf(event)) ?? [])
        if (one.position < event.position && isEffect(event, one)) put(effects, one.id, event);
    }
    if (page.length < EVENTS_AT_ONCE) break;
    after = page.at(-1)?.position ?? after;
    if (firstOnly)
      waiting = Map.groupBy(
        asking.filter(({ id }) => !effects.has(id)),
        ({ account }) => account,
      );
  }
  return effects;
}

const accountOf = (event: SealedEvent): string =>
  (event as SealedEvent<string, { readonly account: string }>).data.account;

function put(effects: Map<string, SealedEvent[]>, id: string, event: SealedEvent): void {
  const found = effects.get(id);
  if (found) found.push(event);
  else effects.set(id, [event]);
}
