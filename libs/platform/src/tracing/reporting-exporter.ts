import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Log } from '../logging/log.js';

type Done = Parameters<SpanExporter['export']>[1];

/** `ExportResultCode.SUCCESS` of OpenTelemetry. */
const SUCCESS = 0;

/** Says in the log when deliveries begin to fail and when they succeed again, once each, without the receiver's address. */
export class ReportingExporter implements SpanExporter {
  #failing = false;

  constructor(
    private readonly exporter: SpanExporter,
    private readonly log: Pick<Log, 'info' | 'warn'>,
  ) {}

  export(spans: ReadableSpan[], done: Done): void {
    this.exporter.export(spans, (result) => {
      this.#note(result.code === SUCCESS);
      done(result);
    });
  }

  forceFlush(): Promise<void> {
    return this.exporter.forceFlush?.() ?? Promise.resolve();
  }

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }

  #note(delivered: boolean): void {
    if (delivered && this.#failing) this.log.info('traces are delivered again');
    if (!delivered && !this.#failing)
      this.log.warn('traces cannot be delivered and are dropped; check OTEL_EXPORTER_OTLP_ENDPOINT and its receiver');
    this.#failing = !delivered;
  }
}
