import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { type PlatformRequest, readCookies } from '#libs/platform';

const NAME = '__Host-gatebook-sign-out';
/** The answer may be posted from another site, where only such cookies are sent along. */
const COOKIE = { secure: true, httpOnly: true, sameSite: 'none', path: '/' } as const;
/** How long an identity provider's answer is waited for, in milliseconds. */
const LIFETIME_MS = 600_000;
/** 128 random bits, as SAML 2.0 Core, section 1.3.4, asks of identifiers. */
const ID_BYTES = 16;
const ID = /^[A-Za-z0-9_-]{22}$/;

/**
 * Sign-outs under way at identity providers, remembered by the browser alone: the person is out here before the provider is asked, so an
 * answer decides nothing but what the last page says.
 */
@Injectable()
export class PendingSignOuts {
  /** Begins one in place of any earlier. */
  begin(response: Response, id: string): void {
    response.cookie(NAME, id, { ...COOKIE, maxAge: LIFETIME_MS });
  }

  /** The sign-out that this browser has under way. */
  of(request: PlatformRequest): string | null {
    const id = readCookies(request).get(NAME) ?? '';
    return ID.test(id) ? id : null;
  }

  end(response: Response): void {
    response.clearCookie(NAME, COOKIE);
  }
}

/** Makes an id for a sign-out: the `state` of an address. */
export const newSignOutId = (): string => randomBytes(ID_BYTES).toString('base64url');

/** Id of the SAML request of a sign-out, an XML name. */
export const requestIdOf = (id: string): string => `_${id}`;
