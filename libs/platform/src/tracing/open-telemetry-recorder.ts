import { setTimeout as delay } from 'node:timers/promises';
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { detectResources, envDetector, resourceFromAttributes, serviceNameEnvDetector } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { DomainError } from '#libs/kernel';
import { SOFTWARE_VERSION } from '../engine/software-version.js';
import type { RequestSpan, SpanFacts, SpanRecorder, TracedEvent } from './span-recorder.js';
import { formatTraceparent, parseTraceparent } from './traceparent.js';

/** Spans that wait to be sent; more are dropped. Some 4 MB. */
const QUEUED_SPANS_MAX = 2_048;

/** Spans of one delivery. */
const DELIVERY_SPANS_MAX = 256;

/** Longest wait of a finished span for its delivery, in milliseconds. */
const DELIVERY_DELAY_MS = 1_000;

/** Longest time for a delivery with all its retries, in milliseconds. */
export const DELIVERY_TIMEOUT_MS = 5_000;

/** Longest time for the last deliveries at shutdown, in milliseconds. */
const CLOSE_TIMEOUT_MS = 2_000;

/** Events of one batch that get a span of their own. */
const EVENT_SPANS_MAX = 100;

/** Longest value of an attribute, in characters. */
const ATTRIBUTE_LENGTH_MAX = 256;

/** Where spans go, and in whose name. */
export interface RecorderOptions {
  readonly exporter: SpanExporter;
  /** `service.name`, unless `OTEL_SERVICE_NAME` says another. */
  readonly service: string;
}

/** Records spans with OpenTelemetry and sends them in the background. Whatever the receiver does, no work waits for it and none fails. */
export function openTelemetryRecorder({ exporter, service }: RecorderOptions): SpanRecorder {
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.version': SOFTWARE_VERSION }).merge(
      detectResources({ detectors: [envDetector, serviceNameEnvDetector] }),
    ),
    sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    spanLimits: { attributeValueLengthLimit: ATTRIBUTE_LENGTH_MAX },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter,
        maxQueueSize: QUEUED_SPANS_MAX,
        maxExportBatchSize: DELIVERY_SPANS_MAX,
        scheduledDelayMillis: DELIVERY_DELAY_MS,
        exportTimeoutMillis: DELIVERY_TIMEOUT_MS,
      }),
    ],
  });
  return new OpenTelemetryRecorder(provider);
}

class OpenTelemetryRecorder implements SpanRecorder {
  readonly #tracer: Tracer;
  /** Of this recorder alone: several servers of one process, as in tests, do not get into each other's traces. */
  readonly #contexts = new AsyncLocalStorageContextManager().enable();

  #closing: Promise<void> | null = null;

  constructor(private readonly provider: TracerProvider) {
    this.#tracer = provider.getTracer('gatebook', SOFTWARE_VERSION);
  }

  request(traceparent: string | undefined, name: string): RequestSpan {
    const span = this.#tracer.startSpan(name, { kind: SpanKind.SERVER }, contextOf(traceparent));
    return {
      traceparent: traceparentOfSpan(span),
      run: (work) => this.#contexts.with(trace.setSpan(ROOT_CONTEXT, span), work),
      end: (finalName, facts) => {
        if (facts['http.response.status_code'] >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        span.updateName(finalName).setAttributes(facts).end();
      },
    };
  }

  async span<T>(name: string, facts: SpanFacts, work: () => Promise<T>): Promise<T> {
    const parent = this.#contexts.active();
    const span = this.#tracer.startSpan(name, { attributes: facts as Attributes }, parent);
    try {
      return await this.#contexts.with(trace.setSpan(parent, span), work);
    } catch (error) {
      failed(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  async events<T>(name: string, events: readonly TracedEvent[], work: () => Promise<T>): Promise<T> {
    const startedAt = Date.now();
    let failure: unknown;
    try {
      return await work();
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      this.#recordEvents(name, events, startedAt, failure);
    }
  }

  current(): string | undefined {
    const span = trace.getSpan(this.#contexts.active());
    return span && traceparentOfSpan(span);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const patience = new AbortController();
    const late = delay(CLOSE_TIMEOUT_MS, undefined, { signal: patience.signal }).catch(() => undefined);
    await Promise.race([this.provider.shutdown().catch(() => undefined), late]);
    patience.abort();
    this.#contexts.disable();
  }

  #recordEvents(name: string, events: readonly TracedEvent[], startedAt: number, failure: unknown): void {
    const endedAt = Date.now();
    let recorded = 0;
    for (const { type, position, metadata } of events) {
      if (recorded === EVENT_SPANS_MAX) return;
      if (!parseTraceparent(metadata.traceparent)?.sampled) continue;
      recorded += 1;
      const attributes = {
        'gatebook.event.type': type,
        'gatebook.batch.events': events.length,
        ...(position === undefined ? {} : { 'gatebook.position': position }),
      };
      const options = { kind: SpanKind.CONSUMER, startTime: startedAt, attributes };
      const span = this.#tracer.startSpan(name, options, contextOf(metadata.traceparent));
      if (failure !== undefined) failed(span, failure);
      span.end(endedAt);
    }
  }
}

/** The code of a refusal or the name of the error; its text may repeat what a stranger sent. */
function failed(span: Span, error: unknown): void {
  const type = error instanceof DomainError ? error.code : error instanceof Error ? error.name : typeof error;
  span.setAttribute('error.type', type).setStatus({ code: SpanStatusCode.ERROR });
}

function contextOf(traceparent: string | undefined): Context {
  const parent = parseTraceparent(traceparent);
  if (!parent) return ROOT_CONTEXT;
  const { traceId, spanId, sampled } = parent;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: sampled ? 1 : 0, isRemote: true });
}

function traceparentOfSpan(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return formatTraceparent({ traceId, spanId, sampled: (traceFlags & 1) === 1 });
}
