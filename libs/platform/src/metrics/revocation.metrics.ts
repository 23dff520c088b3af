import { Injectable } from '@nestjs/common';
import { Histogram } from 'prom-client';
import { Metrics } from './metrics.js';

/** Upper bounds of the time classes, in seconds: up to the patience of a request, and beyond it the delay of a retry. */
const EFFECT_BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** What said that somebody must lose access. */
export type RevocationSignal = 'deactivation' | 'access-revoked';

/** What follows from it, each timed by itself. */
export type RevocationEffect = 'sessions-ended';

/** Which signal an event stands for. */
const SIGNAL_OF_TYPE: Readonly<Record<string, RevocationSignal>> = {
  UserDeactivated: 'deactivation',
  AccessRevoked: 'access-revoked',
};

/** What a command recorded, and whether it had done so before. */
interface Recorded {
  readonly events: readonly { readonly type: string }[];
  readonly repeated: boolean;
}

/** How long it takes from the signal that somebody must lose access until each of its effects. */
@Injectable()
export class RevocationMetrics {
  private readonly durations: Histogram;

  constructor({ registry }: Metrics) {
    this.durations = new Histogram({
      name: 'gatebook_signal_to_effect_seconds',
      help: 'Time from the signal that somebody must lose access to one of its effects, in seconds',
      labelNames: ['signal', 'effect'],
      buckets: EFFECT_BUCKETS_SECONDS,
      registers: [registry],
    });
  }

  /**
   * The sessions have ended that something just recorded must end, if it must end any. What was recorded before says nothing about time.
   * @param signalledAt when the command arrived, ISO-8601
   */
  sessionsEnded({ events, repeated }: Recorded, signalledAt: string, now: Date): void {
    if (repeated) return;
    const signals = new Set(events.flatMap(({ type }) => SIGNAL_OF_TYPE[type] ?? []));
    for (const signal of signals)
      this.tookEffect(signal, 'sessions-ended', (now.getTime() - Date.parse(signalledAt)) / 1000);
  }

  /** An effect has come about. Negative times, of clocks that disagree, count as none. */
  tookEffect(signal: RevocationSignal, effect: RevocationEffect, seconds: number): void {
    this.durations.observe({ signal, effect }, Math.max(0, seconds));
  }
}
