import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { askOnScrape } from './ask-on-scrape.js';
import { Metrics } from './metrics.js';

/** How long the certificates of a connection's identity provider last. */
export interface CertificateLife {
  /** Id of the connection; names no person. */
  readonly connection: string;
  /** Until the last of them ends; negative afterwards. */
  readonly seconds: number;
}

/** What is measured of connections. */
@Injectable()
export class ConnectionMetrics {
  constructor(private readonly metrics: Metrics) {}

  /** Shows for each connection how long its certificates last, asked on every look at the metrics. Call it once. */
  showCertificates(lives: () => Promise<readonly CertificateLife[]>): void {
    const asked = askOnScrape(lives);
    new Gauge({
      name: 'gatebook_certificate_expires_seconds',
      help: 'Time until the last certificate of the identity provider of a connection ends, in seconds; negative afterwards',
      labelNames: ['connection'],
      registers: [this.metrics.registry],
      async collect() {
        this.reset();
        for (const { connection, seconds } of (await asked()) ?? []) this.set({ connection }, seconds);
      },
    });
  }
}
