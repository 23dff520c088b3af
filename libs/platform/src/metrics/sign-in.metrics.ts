import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { Metrics } from './metrics.js';

/** How a sign-in ended: somebody came in, was turned away by a rule, or the server could not decide. */
export type SignInResult = 'accepted' | 'refused' | 'unavailable' | 'failed';

/** What is measured of sign-ins. */
@Injectable()
export class SignInMetrics {
  private readonly results: Counter;
  private readonly timeouts: Counter;

  constructor(private readonly metrics: Metrics) {
    const registers = [metrics.registry];
    this.results = new Counter({
      name: 'gatebook_sign_ins_total',
      help: 'Sign-ins by outcome (accepted, refused, unavailable, failed) and protocol',
      labelNames: ['outcome', 'protocol'],
      registers,
    });
    this.timeouts = new Counter({
      name: 'gatebook_verification_timeouts_total',
      help: 'Answers of identity providers whose verification took too long and was ended',
      registers,
    });
  }

  /** A sign-in ended. */
  ended(outcome: SignInResult, protocol: 'saml' | 'oidc' | 'oauth2' | 'jwt'): void {
    this.results.inc({ outcome, protocol });
  }

  /** A verification took too long. */
  verificationTimedOut(): void {
    this.timeouts.inc();
  }

  /** Shows how many answers wait to be verified, asked on every look at the metrics. Call it once. */
  showVerificationQueue(waiting: () => number): void {
    new Gauge({
      name: 'gatebook_verification_queue',
      help: 'Answers of identity providers that wait to be verified',
      registers: [this.metrics.registry],
      collect() {
        this.set(waiting());
      },
    });
  }
}
