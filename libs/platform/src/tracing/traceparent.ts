import type { PlatformRequest } from '../http/platform-request.js';

/** Version 00 of W3C Trace Context §3.2; ids of zeros only are invalid there. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Bit of the flags that says that the trace is recorded (W3C Trace Context §3.2.2.5.1). */
const SAMPLED = 1;

/** A place in a trace. */
export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
  /** Whether somebody records the trace. */
  readonly sampled: boolean;
}

/** Reads a `traceparent`; null for anything that is none, which then counts as absent (W3C Trace Context §4.3). */
export function parseTraceparent(text: unknown): TraceParent | null {
  const [, traceId, spanId, flags] = (typeof text === 'string' && TRACEPARENT.exec(text)) || [];
  if (!traceId || !spanId || !flags) return null;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED };
}

/** Writes a `traceparent`. */
export function formatTraceparent({ traceId, spanId, sampled }: TraceParent): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}

/**
 * What a request's events carry as `traceparent`: the request's own span where traces are recorded, else what the caller sent, if it is one.
 */
export function traceparentOf(request: Pick<PlatformRequest, 'headers' | 'traceparent'>): string | undefined {
  if (request.traceparent !== undefined) return request.traceparent;
  const sent = request.headers['traceparent'];
  return typeof sent === 'string' && parseTraceparent(sent) ? sent : undefined;
}
