import type { NextFunction, Request, Response } from 'express';
import { DomainError } from '#libs/kernel';
import { clientNetwork, isLoopback } from '../environment/network-address.js';

/**
 * Most requests that are worked on at a time. Each may hold a body of 400 kB while it waits for the store; ordinary ones take milliseconds, so
 * this many wait only when something is slow, and then more of them would make it slower.
 */
export const REQUESTS_AT_A_TIME_MAX = 256;

/** Share of the places that one network may take: somebody who sends everything at once leaves room for others. */
const SHARE_OF_ONE_NETWORK = 3 / 4;

/** Operators must see what is wrong when everything else is refused. */
const ALWAYS_ANSWERED = /^\/(health\/|metrics$)/;

/** Too many requests are being worked on. This one was not looked at. */
export class ServerBusyError extends DomainError {
  readonly code = 'server-busy';
  readonly kind = 'unavailable';
  constructor() {
    super('Too many requests wait for an answer. Nothing was changed; repeat the request in a few seconds.');
  }
}

/**
 * Makes the middleware that refuses requests beyond the limit at once, with 503 and `Retry-After`, except for health and metrics. No network
 * has more than three quarters of the places, unless it is this machine: behind a proxy that is not trusted, everybody seems to come from there.
 */
export function limitRequests(
  most = REQUESTS_AT_A_TIME_MAX,
): (request: Request, response: Response, next: NextFunction) => void {
  let under = 0;
  const ofNetwork = new Map<string, number>();
  return (request, response, next) => {
    if (ALWAYS_ANSWERED.test(request.path)) {
      next();
      return;
    }
    const network = clientNetwork(request.ip ?? '');
    const taken = ofNetwork.get(network) ?? 0;
    if (under >= most || (taken >= most * SHARE_OF_ONE_NETWORK && !isLoopback(network))) {
      next(new ServerBusyError());
      return;
    }
    under += 1;
    ofNetwork.set(network, taken + 1);
    response.once('close', () => {
      under -= 1;
      const left = (ofNetwork.get(network) ?? 1) - 1;
      if (left > 0) ofNetwork.set(network, left);
      else ofNetwork.delete(network);
    });
    next();
  };
}
