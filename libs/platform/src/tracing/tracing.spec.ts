/** One request is followed through the server and, by its events, through those who read them later. */
import { Body, Controller, Get, Param, Post, Query, Req } from '@nestjs/common';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { RequireScopes } from '../auth/access.decorators.js';
import type { PlatformRequest } from '../http/platform-request.js';
import { startTestServer, type TestServer } from '../http/test-server.fixture.js';
import { openTelemetryRecorder } from './open-telemetry-recorder.js';
import { ReportingExporter } from './reporting-exporter.js';
import type { TracedEvent } from './span-recorder.js';
import { parseTraceparent, traceparentOf } from './traceparent.js';
import { Tracing } from './tracing.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = `00-${TRACE}-b7ad6b7169203331-01`;
const UNRECORDED = CALLER.replace(/01$/, '00');

/** What the route appended, as a projector would receive it. */
let appended: TracedEvent[] = [];

@Controller('things')
class ThingsController {
  constructor(private readonly tracing: Tracing) {}

  @Post(':id')
  @RequireScopes('accounts:write')
  async write(@Param('id') id: string, @Query('who') who: string, @Req() request: PlatformRequest, @Body() _: object) {
    return this.tracing.span('append', { 'gatebook.events': 1 }, async () => {
      appended.push({ type: 'ThingWritten', position: 7, metadata: { traceparent: traceparentOf(request) } });
      return { id, who, within: this.tracing.current() };
    });
  }

  @Get(':id')
  @RequireScopes('audit:read')
  async fail() {
    return this.tracing.span('read', {}, () => Promise.reject(new RangeError('ada@acme.example is out of range')));
  }
}

let server: TestServer;
let spans: ReadableSpan[];
const start = async (exporter: SpanExporter | null) => {
  const recorder = exporter && openTelemetryRecorder({ exporter, service: 'gatebook-things' });
  server = await startTestServer({ controllers: [ThingsController], tracing: new Tracing(recorder) });
};

beforeEach(() => {
  appended = [];
});
afterEach(() => server.close());

describe('with somewhere to send traces to', () => {
  beforeEach(() => {
    spans = [];
    return start({
      export: (delivered, done) => {
        spans.push(...delivered);
        done({ code: 0 });
      },
      shutdown: async () => undefined,
    });
  });

  /** Ends the server, which sends what is left. */
  const sent = async () => {
    await server.close();
    return spans;
  };
  const named = (name: string) => spans.filter((span) => span.name === name);

  it('one trace holds the request, the append and, by the event, the projection', async () => {
    const answer = await server.post('/things/ada-lovelace?who=ada', {}, { traceparent: CALLER });
    const { within } = (await answer.json()) as { within: string };
    await server.app.get(Tracing).events('project things', appended, async () => undefined);

    expect((await sent()).map((span) => span.spanContext().traceId)).toEqual([TRACE, TRACE, TRACE]);
    const [[request], [append], [project]] = [named('POST /things/:id'), named('append'), named('project things')];
    expect(request?.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
    expect(append?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
    expect(project?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
    expect(parseTraceparent(within)?.spanId).toBe(append?.spanContext().spanId);
    expect(request?.resource.attributes['service.name']).toBe('gatebook-things');
    expect(request?.attributes).toEqual({
      'http.request.method': 'POST',
      'http.route': '/things/:id',
      'http.response.status_code': 201,
      'gatebook.request.id': answer.headers.get('x-request-id'),
    });
    expect(project?.attributes).toMatchObject({ 'gatebook.event.type': 'ThingWritten', 'gatebook.position': 7 });
  });

  it('nothing personal leaves: no address as it was asked, no query, no text of an error', async () => {
    await server.ask('/things/ada-lovelace?who=ada');
    await server.ask('/nowhere/ada-lovelace');
    await sent();
    expect(named('read')).toMatchObject([{ status: { code: 2 }, attributes: { 'error.type': 'RangeError' } }]);
    expect(named('GET (none)')).toHaveLength(1);
    const told = spans.map(({ name, attributes, events, status }) => ({ name, attributes, events, status }));
    expect(JSON.stringify(told)).not.toContain('ada');
  });

  it('a request without a trace, or with something that is none, begins one of its own', async () => {
    await server.post('/things/1', {});
    await server.post('/things/1', {}, { traceparent: '00-ada-lovelace-01' });
    await sent();
    const requests = named('POST /things/:id');
    expect(requests.map(({ parentSpanContext }) => parentSpanContext)).toEqual([undefined, undefined]);
    expect(new Set(requests.map((span) => span.spanContext().traceId)).size).toBe(2);
  });

  it('what the caller does not record is not recorded here, and its events say so', async () => {
    await server.post('/things/1', {}, { traceparent: UNRECORDED });
    expect(parseTraceparent(appended[0]?.metadata.traceparent)).toMatchObject({ traceId: TRACE, sampled: false });
    await server.app.get(Tracing).events('project things', appended, async () => undefined);
    expect(await sent()).toEqual([]);
  });

  it('questions of machines make no traces', async () => {
    await server.ask('/health/live');
    await server.ask('/health/ready');
    await server.ask('/metrics');
    expect(await sent()).toEqual([]);
  });

  it('a large batch shows its first hundred events, and its failure', async () => {
    const metadata = { traceparent: CALLER };
    const events = Array.from({ length: 150 }, (_, position) => ({ type: 'ThingWritten', position, metadata }));
    const tracing = server.app.get(Tracing);
    await expect(tracing.events('project', events, () => Promise.reject(new RangeError('no')))).rejects.toThrow('no');
    await sent();
    expect(named('project')).toHaveLength(100);
    expect(named('project')[0]).toMatchObject({ status: { code: 2 }, attributes: { 'gatebook.batch.events': 150 } });
  });
});

describe('with a receiver that never answers', () => {
  it('requests are answered, what waits is bounded, and the end does not wait for it', async () => {
    let taken = 0;
    await start({
      export: (sent) => {
        taken += sent.length;
      },
      shutdown: () => new Promise(() => {}),
    });
    const tracing = server.app.get(Tracing);
    expect((await server.post('/things/1', {})).status).toBe(201);
    for (let i = 0; i < 10_000; i += 1) await tracing.span('many', {}, async () => undefined);
    const closing = performance.now();
    await server.close();
    expect(performance.now() - closing).toBeLessThan(4_000);
    expect(taken).toBeLessThanOrEqual(2_048 + 256);
  }, 15_000);
});

describe('deliveries', () => {
  it('that fail, and then succeed again, are told once each', () => {
    const told: string[] = [];
    let code = 1;
    const failing: SpanExporter = { export: (_spans, done) => done({ code }), shutdown: async () => undefined };
    const log = { warn: (text: string) => void told.push(text), info: (text: string) => void told.push(text) };
    const exporter = new ReportingExporter(failing, log as never);
    for (code of [1, 1, 0, 0, 1]) exporter.export([], () => undefined);
    expect(told.map((text) => text.replace(/;.*/, ''))).toEqual([
      'traces cannot be delivered and are dropped',
      'traces are delivered again',
      'traces cannot be delivered and are dropped',
    ]);
  });
});

describe('without somewhere to send traces to', () => {
  it('work runs as it is, and events keep the trace of the caller', async () => {
    await start(null);
    const answer = await server.post('/things/1', {}, { traceparent: CALLER });
    expect(await answer.json()).toEqual({ id: '1' });
    await server.post('/things/1', {});
    expect(appended.map(({ metadata }) => metadata.traceparent)).toEqual([CALLER, undefined]);
    await expect(server.app.get(Tracing).events('project', appended, async () => 'done')).resolves.toBe('done');
  });
});
