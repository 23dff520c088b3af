import { Injectable } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { routeOf } from '../http/route-pattern.js';

/** Upper bounds of the duration classes, in seconds. */
const DURATION_BUCKETS_SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

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
      stop({ method: request.method, route: routeOf(request), status: response.statusCode }),
    );
    next();
  };
}
