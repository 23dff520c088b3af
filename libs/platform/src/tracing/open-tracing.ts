import type { Log } from '../logging/log.js';
import { Tracing } from './tracing.js';

/** Where traces go. */
export interface TracingOptions {
  /** Null: nowhere; then the libraries of OpenTelemetry are not even loaded. */
  readonly url: string | null;
  /** Name of the server among the services of an installation. */
  readonly service: string;
  readonly log: Log;
}

/** Opens the tracing of a server. Never waits for the receiver. */
export async function openTracing({ url, service, log }: TracingOptions): Promise<Tracing> {
  if (url === null) return new Tracing(null);
  const { openTelemetryRecorder } = await import('./open-telemetry-recorder.js');
  const { otlpExporter } = await import('./otlp-exporter.js');
  return new Tracing(openTelemetryRecorder({ exporter: otlpExporter(url, log), service }));
}
