import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A span as it arrived. */
export interface ReceivedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly failed: boolean;
  readonly milliseconds: number;
}

/** A receiver of traces on loopback. */
export interface OtlpReceiver {
  /** Address for traces. */
  readonly url: string;
  readonly spans: ReceivedSpan[];
  /** Waits until that is so, such as of what has arrived. @throws after twenty seconds, with the names of what did arrive */
  until(satisfied: () => boolean): Promise<void>;
  /** Waits until so many spans of a name have arrived. @throws as `until` */
  received(name: string, count?: number): Promise<ReceivedSpan[]>;
  close(): Promise<void>;
}

const STATUS_ERROR = 2;
const WAIT_MS = 20_000;

/** Starts a receiver for OTLP over HTTP in JSON, on a free port. For specs only. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const server = createServer(async (request, response) => {
    spans.push(...(await spansIn(request)));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const until = async (satisfied: () => boolean) => {
    const deadline = performance.now() + WAIT_MS;
    while (!satisfied()) {
      if (performance.now() > deadline) throw new Error(`Not among ${spans.map(({ name }) => name).join(', ')}.`);
      await new Promise((next) => setTimeout(next, 20));
    }
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    spans,
    until,
    async received(name, count = 1) {
      const found = () => spans.filter((span) => span.name === name);
      await until(() => found().length >= count);
      return found();
    },
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function spansIn(request: IncomingMessage): Promise<ReceivedSpan[]> {
  const { resourceSpans } = JSON.parse(await text(request)) as OtlpJson;
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        service: String(factsOf(resource.attributes)['service.name']),
        name: span.name,
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId || undefined,
        attributes: factsOf(span.attributes),
        failed: span.status?.code === STATUS_ERROR,
        milliseconds: Number((BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1_000_000n),
      })),
    ),
  );
}

function factsOf(attributes: readonly OtlpAttribute[]): ReceivedSpan['attributes'] {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0] ?? '']));
}

interface OtlpAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, string | number | boolean>>;
}

interface OtlpJson {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly name: string;
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly startTimeUnixNano: string;
        readonly endTimeUnixNano: string;
        readonly attributes: readonly OtlpAttribute[];
        readonly status?: { readonly code?: number };
      }[];
    }[];
  }[];
}
