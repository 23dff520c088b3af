import type { EventCodec, EventToAppend } from '#libs/event-store';
import { assigned, by, Chronicle, person, provisioned } from '#libs/testing';

/** Accounts that are encoded together, so that their keys are made in one statement. */
const TOGETHER = 50;

/** One append: a new account with a role, two events, encrypted as everything is. */
export interface SampleAppend {
  readonly stream: string;
  readonly events: readonly EventToAppend[];
}

/** Makes up new accounts, ready to be appended. No two alike. */
export class SampleAccounts {
  readonly #ready: SampleAppend[] = [];
  #made = 0;
  #making: Promise<void> | null = null;

  constructor(private readonly codec: EventCodec) {}

  /** Has at least so many at hand, so that making them up takes no time from what is measured. */
  async prepare(count: number): Promise<void> {
    while (this.#ready.length < count) await this.#make();
  }

  async next(): Promise<SampleAppend> {
    for (;;) {
      const one = this.#ready.shift();
      if (one) return one;
      await this.#make();
    }
  }

  #make(): Promise<void> {
    this.#making ??= this.#encode().finally(() => {
      this.#making = null;
    });
    return this.#making;
  }

  async #encode(): Promise<void> {
    const histories = Array.from({ length: TOGETHER }, () => accountOf(++this.#made));
    const encoded = await this.codec.encode(histories.flat());
    let at = 0;
    for (const { length, 0: first } of histories) {
      this.#ready.push({ stream: first?.stream ?? '', events: encoded.slice(at, at + length) });
      at += length;
    }
  }
}

function accountOf(number: number) {
  const someone = person(`Person${number}`, 'Example');
  return new Chronicle().record(provisioned(someone), assigned(someone, 'crm.reader', by('okta', 'all')));
}
