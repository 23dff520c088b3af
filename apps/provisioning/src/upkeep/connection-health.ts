import { Inject, Injectable, type OnApplicationBootstrap, Optional } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import { CATALOG, CLOCK, type Clock, ConnectionMetrics, Readiness, type ReadinessAnswer } from '#libs/platform';
import { lastCertificateEnd } from './certificate-ends.js';
import { connectionTroubles } from './connection-troubles.js';

/** Troubles that readiness tells in words; the rest is a number. */
const TOLD_MAX = 20;

/** Shows how connections are: in readiness, which they never take away, and as a figure for alarms. */
@Injectable()
export class ConnectionHealth implements OnApplicationBootstrap {
  constructor(
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Optional() private readonly readiness?: Readiness,
    @Optional() private readonly metrics?: ConnectionMetrics,
  ) {}

  onApplicationBootstrap(): void {
    this.readiness?.register('connections', async () => this.answer());
    this.metrics?.showCertificates(async () => this.certificates());
  }

  /** Of the catalogue as somebody last read it: an event store that does not answer is told elsewhere. */
  answer(): ReadinessAnswer {
    this.#readOn();
    const troubles = connectionTroubles(this.catalog.lastRead().connections(), this.clock.now());
    if (troubles.length === 0) return { ready: true };
    const told = troubles.slice(0, TOLD_MAX).map(({ connection, what }) => `${connection}: ${what}`);
    if (troubles.length > TOLD_MAX) told.push(`and ${troubles.length - TOLD_MAX} more`);
    return { ready: true, degraded: true, detail: told.join('; ') };
  }

  /** Seconds until the last certificate of each connection ends; negative afterwards. */
  certificates(): { readonly connection: string; readonly seconds: number }[] {
    this.#readOn();
    const now = this.clock.now().getTime();
    return this.catalog
      .lastRead()
      .connections()
      .flatMap(({ id, enabled, settings }) => {
        const end = enabled && settings ? lastCertificateEnd(settings) : null;
        return end === null ? [] : [{ connection: id, seconds: (Date.parse(end) - now) / 1000 }];
      });
  }

  /** So that the next look knows more, in a server that nobody asks anything else. */
  #readOn(): void {
    this.catalog.current().catch(() => undefined);
  }
}
