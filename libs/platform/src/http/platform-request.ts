import type { Request } from 'express';
import type { Caller } from '../auth/caller.js';

/** A request as it passes through the platform: what the guards and middleware have found out about it. */
export interface PlatformRequest extends Request {
  /** Made here, or by a trusted proxy. */
  id: string;
  /** Who calls; set by the authentication guard on every route that is not public. */
  caller?: Caller;
  /** The session's token, set by whoever authenticated by cookie: CSRF tokens derive from it. */
  sessionToken?: string;
  /** The request's own place in its trace (W3C Trace Context), where traces are recorded. */
  traceparent?: string;
}
