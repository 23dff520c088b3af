import { Injectable } from '@nestjs/common';
import { deriveId } from '#libs/event-store';
import { type CommandMetadata, DomainError } from '#libs/kernel';
import { type FieldProblem, InvalidRequestError, NotFoundError } from '#libs/platform';
import { ActingPeople, type ActingPerson } from '../people/acting-as.js';
import { DecideItem } from '../reviewing/decide-item.js';

/** Items that are decided at the same time. */
const AT_ONCE = 8;

/** What somebody answers. */
export interface Answer {
  readonly decision: 'certify' | 'revoke' | 'reduce' | 'abstain' | 'reassign' | 'delegate';
  readonly reason: string | null;
  /** Exclusive end, for `reduce`. */
  readonly until: string | null;
  /** Account to ask, for `reassign` and `delegate`. */
  readonly to: string | null;
}

/** Who answers, and how long it took them. */
export interface Answering {
  readonly by: ActingPerson;
  readonly tookMs: number | null;
  readonly metadata: CommandMetadata;
}

/** What an answer came to. */
export type Decided = Awaited<ReturnType<DecideItem['decide']>>;

/** What became of one of several items. */
export type BulkDecided = { readonly id: string } & (
  | { readonly done: Decided; readonly refused: null }
  | { readonly done: null; readonly refused: DomainError }
);

/** Answers to questions, one by one or several at once, however they came. */
@Injectable()
export class ItemDecisions {
  constructor(
    private readonly deciding: DecideItem,
    private readonly people: ActingPeople,
  ) {}

  /**
   * @param stage the stage that was looked at; the present one if absent
   * @throws {InvalidRequestError} when fields do not belong to the decision
   * @throws {NotFoundError} when there is no such item, or no such person to pass it on to
   * @throws what the decision is refused with
   */
  async decide(item: string, answer: Answer, { by, tookMs, metadata }: Answering, stage?: number): Promise<Decided> {
    await this.#check(metadata.tenant, answer);
    const { tenant } = metadata;
    return this.deciding.decide({ tenant, item, decision: answer, by, bulk: false, tookMs, stage, metadata });
  }

  /** The same answer to several questions; a refusal of one leaves the others alone. Results in the order of the items. */
  async decideAll(items: readonly string[], answer: Answer, answering: Answering): Promise<BulkDecided[]> {
    await this.#check(answering.metadata.tenant, answer);
    const results: BulkDecided[] = [];
    for (let at = 0; at < items.length; at += AT_ONCE) {
      const some = items.slice(at, at + AT_ONCE);
      results.push(...(await Promise.all(some.map((item) => this.#decideOne(item, answer, answering)))));
    }
    return results;
  }

  async #decideOne(id: string, answer: Answer, { by, tookMs, metadata }: Answering): Promise<BulkDecided> {
    const { tenant } = metadata;
    const decision = { tenant, item: id, decision: answer, by, bulk: true, tookMs, metadata: metadataOf(id, metadata) };
    try {
      return { id, done: await this.deciding.decide(decision), refused: null };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return { id, done: null, refused: error };
    }
  }

  async #check(tenant: string, answer: Answer): Promise<void> {
    const problems = problemsOf(answer);
    if (problems.length > 0) throw new InvalidRequestError(problems);
    if (answer.to !== null && !(await this.people.isActive(tenant, answer.to))) throw new NotFoundError('account');
  }
}

/** Each item of one request is a command of its own, which a repeat of the request repeats. */
function metadataOf(item: string, metadata: CommandMetadata): CommandMetadata {
  const commandId = metadata.deriveId(`item/${item}`);
  return { ...metadata, commandId, deriveId: (name) => deriveId(commandId, name) };
}

function problemsOf({ decision, until, to }: Answer): FieldProblem[] {
  const passesOn = decision === 'reassign' || decision === 'delegate';
  return [
    ...((until === null) === (decision === 'reduce')
      ? [{ field: 'until', problem: 'belongs to reduce, and only there' }]
      : []),
    ...((to === null) === passesOn
      ? [{ field: 'to', problem: 'belongs to reassign and delegate, and only there' }]
      : []),
  ];
}
