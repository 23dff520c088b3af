import { Injectable } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/** Upper bounds of the duration classes, in seconds. */
const DURATION_BUCKETS_SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The route of what matched no route: addresses of strangers must not become labels. */
const NO_ROUTE = '(none)';

/**
 * The server's own metrics, in their own registry. Add further ones with `registers: [metrics.registry]`; labels must be few
 * and known beforehand, and never name tenants or people.
 */
@Injectable()
export class Metrics {
  readonly registry = new Registry();

  private readonly durations = new Histogram({
    name: 'gatebook_http_request_duration_seconds',
    help: 'Time from the request to the end of its answer, in seconds, by method, route pattern and status',
    labelNames: ['method', 'route', 'status'],
    buckets: DURATION_BUCKETS_SECONDS,
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** Times a request by the pattern of its route. Express middleware. */
  readonly timeRequest = (request: Request, response: Response, next: NextFunction): void => {
    const stop = this.durations.startTimer();
    response.once('close', () =>
      stop({ method: request.method, route: patternOf(request), status: response.statusCode }),
    );
    next();
  };
}

/** The pattern of the route that answered; middleware that runs for every address is no route. */
function patternOf(request: Request): string {
  const pattern: unknown = request.route?.path;
  return typeof pattern === 'string' && !pattern.includes('*') ? pattern : NO_ROUTE;
}
