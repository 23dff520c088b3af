import type { NextFunction, Request, Response } from 'express';
import { HttpRefusalError } from '../problem/http-refusal.error.js';
import { isClean } from '../validation/text.decorators.js';

/** Refuses addresses whose path cannot be decoded or hides control characters, before any route sees them. Express middleware. */
export function refuseUnreadableAddress(request: Request, _response: Response, next: NextFunction): void {
  next(
    isReadable(request.path)
      ? undefined
      : new HttpRefusalError(400, 'malformed-url', 'The address has a broken percent-encoding.'),
  );
}

function isReadable(path: string): boolean {
  try {
    return isClean(decodeURIComponent(path));
  } catch {
    return false; // decodeURIComponent throws on anything that is not UTF-8
  }
}
