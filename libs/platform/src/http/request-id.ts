import { randomUUID } from 'node:crypto';
import type { NextFunction, Response } from 'express';
import type { PlatformRequest } from './platform-request.js';

/** Ids that a proxy may hand in: bounded, and nothing that could forge a log line. */
const ACCEPTABLE = /^[A-Za-z0-9._-]{8,64}$/;

/** Gives every request an id: a fresh uuid, or the one that a trusted proxy sends as `X-Request-Id`. The answer repeats it. */
export function giveRequestId(request: PlatformRequest, response: Response, next: NextFunction): void {
  const offered = request.get('x-request-id');
  request.id = offered && ACCEPTABLE.test(offered) && comesFromTrustedProxy(request) ? offered : randomUUID();
  response.setHeader('X-Request-Id', request.id);
  next();
}

function comesFromTrustedProxy(request: PlatformRequest): boolean {
  const trusts = request.app.get('trust proxy fn') as (address: string, hop: number) => boolean;
  return trusts(request.socket.remoteAddress ?? '', 0);
}
