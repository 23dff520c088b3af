import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { Log } from '../logging/log.js';
import { DELIVERY_TIMEOUT_MS } from './open-telemetry-recorder.js';
import { ReportingExporter } from './reporting-exporter.js';

/** Delivers spans as OTLP over HTTP in JSON; `OTEL_EXPORTER_OTLP_HEADERS` adds headers, such as a key of the receiver. */
export function otlpExporter(url: string, log: Log): SpanExporter {
  return new ReportingExporter(new OTLPTraceExporter({ url, timeoutMillis: DELIVERY_TIMEOUT_MS }), log);
}
