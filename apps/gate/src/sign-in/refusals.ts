import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { v5 as uuidv5 } from 'uuid';
import { appendOnce } from '#libs/event-store';
import { INSTALLATION_TENANT, streamName, system } from '#libs/kernel';
import { CLOCK, type Clock, WRITE_PATH, type WritePath } from '#libs/platform';
import { type Refusal, signInRefused } from './sign-in-events.js';

/** Refusals of one connection, code and minute (and assertion, where one was verified) that are recorded one by one; the rest is counted. */
const LISTED_PER_MINUTE = 10;
const MINUTE_MS = 60_000;

/** Namespace of the ids of refusals (a random uuid, fixed for good). */
const REFUSAL_NAMESPACE = '5b0c9a53-0f0e-4a7e-9d0c-3f6f6f1f6a51';

interface Bucket {
  readonly first: Refusal & { readonly tenant: string };
  readonly minute: number;
  listed: number;
  counted: number;
  lastAt: string;
}

/**
 * Records who was turned away. Requests with nothing verified are listed up to ten per connection, code and minute and then counted;
 * likewise repeats of one verified assertion, which its owner could post for as long as it is good. So nobody can fill the log. Counts are
 * written when their minute is over, or at shutdown.
 */
@Injectable()
export class Refusals implements OnApplicationShutdown {
  readonly #buckets = new Map<string, Bucket>();
  #timer: NodeJS.Timeout | null = null;

  constructor(
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Records one refusal. @throws when the store cannot be written; the sign-in is refused all the same */
  async record(
    tenant: string | null,
    requestId: string,
    refusal: Omit<Refusal, 'count' | 'from' | 'to'>,
  ): Promise<void> {
    const now = this.clock.now().toISOString();
    const one = { ...refusal, count: 1, from: now, to: now, tenant: tenant ?? INSTALLATION_TENANT };
    if (!this.#mayList(one, now)) return;
    await this.#append(one.tenant, `${refusal.connection ?? ''}:${requestId}`, one);
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    await this.#flush(Number.POSITIVE_INFINITY);
  }

  #mayList(refusal: Bucket['first'], now: string): boolean {
    const minute = Math.floor(Date.parse(now) / MINUTE_MS);
    const key = `${refusal.connection ?? ''}:${refusal.code}:${minute}:${refusal.proof?.assertionId ?? ''}`;
    // what a count does not say need not be kept for a minute
    const first = { ...refusal, said: null, client: null };
    const bucket = this.#buckets.get(key) ?? { first, minute, listed: 0, counted: 0, lastAt: now };
    this.#buckets.set(key, bucket);
    this.#timer ??= setInterval(() => void this.#flushElapsed(), MINUTE_MS / 6).unref();
    bucket.lastAt = now;
    if (bucket.listed < LISTED_PER_MINUTE) {
      bucket.listed += 1;
      return true;
    }
    bucket.counted += 1;
    return false;
  }

  async #flushElapsed(): Promise<void> {
    // a store that cannot be reached keeps the counts for the next round
    await this.#flush(Math.floor(this.clock.now().getTime() / MINUTE_MS)).catch(() => undefined);
  }

  async #flush(beforeMinute: number): Promise<void> {
    for (const [key, bucket] of this.#buckets) {
      if (bucket.minute >= beforeMinute) continue;
      if (bucket.counted > 0) {
        const { tenant } = bucket.first;
        const counted = { ...bucket.first, count: bucket.counted, to: bucket.lastAt };
        await this.#append(tenant, `counted:${key}:${bucket.first.from}`, counted);
      }
      this.#buckets.delete(key);
    }
  }

  async #append(tenant: string, name: string, refusal: Refusal): Promise<void> {
    const id = uuidv5(name, REFUSAL_NAMESPACE);
    const { tenant: _tenant, ...facts } = refusal as Refusal & { tenant?: string };
    const metadata = {
      tenant,
      actor: refusal.connection ? ({ kind: 'connection', id: refusal.connection } as const) : system('gate'),
      commandId: id,
      commandDigest: '',
      correlationId: id,
      ...(refusal.evidence ? { causationId: refusal.evidence } : {}),
      now: refusal.to,
      deriveId: (of: string) => uuidv5(of, id),
    };
    await appendOnce(
      this.path,
      streamName({ category: 'signInRefusal', tenant, id }),
      [signInRefused(facts)],
      metadata,
    );
  }
}
