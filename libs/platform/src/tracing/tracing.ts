import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { NextFunction, Response } from 'express';
import type { PlatformRequest } from '../http/platform-request.js';
import { routeOf } from '../http/route-pattern.js';
import type { SpanFacts, SpanRecorder, TracedEvent } from './span-recorder.js';

/** Paths that machines ask every few seconds: traces of them would bury all others. */
const UNTRACED = /^\/(health\/|metrics$)/;

/**
 * Follows one request through the server and, by its events, through relay and projector. Without a place to send traces to, everything here
 * runs the work and nothing else. A receiver that is slow or away costs traces, never requests.
 */
@Injectable()
export class Tracing implements OnApplicationShutdown {
  constructor(private readonly recorder: SpanRecorder | null) {}

  /** Runs work as a span of the trace that is under way; begins a trace where there is none. */
  span<T>(name: string, facts: SpanFacts, work: () => Promise<T>): Promise<T> {
    return this.recorder ? this.recorder.span(name, facts, work) : work();
  }

  /**
   * Runs work on events that come from many requests, and shows it in the trace of each: one span per event whose `traceparent` is recorded,
   * the first hundred of a batch. Call it once per batch, not per event.
   * @param name what is done, as in "project grants"; few and known beforehand
   */
  events<T>(name: string, events: readonly TracedEvent[], work: () => Promise<T>): Promise<T> {
    return this.recorder ? this.recorder.events(name, events, work) : work();
  }

  /** Place in the trace that is under way, as a `traceparent`; undefined outside of one. */
  current(): string | undefined {
    return this.recorder?.current();
  }

  /** Makes a span of every request, named by the pattern of its route; it joins the caller's trace. Express middleware. */
  readonly traceRequest = (request: PlatformRequest, response: Response, next: NextFunction): void => {
    if (!this.recorder || UNTRACED.test(request.path)) {
      next();
      return;
    }
    const span = this.recorder.request(request.get('traceparent'), `${request.method}`);
    request.traceparent = span.traceparent;
    response.once('close', () => {
      const route = routeOf(request);
      span.end(`${request.method} ${route}`, {
        'http.request.method': request.method,
        'http.route': route,
        'http.response.status_code': response.statusCode,
        'gatebook.request.id': request.id,
      });
    });
    span.run(next);
  };

  /** Sends what is left, for at most two seconds. */
  async onApplicationShutdown(): Promise<void> {
    await this.recorder?.close();
  }
}
