import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { type PageOptions, page, pageHeaders } from '#libs/html';
import { ENVIRONMENT } from '../engine/tokens.js';
import type { Environment } from '../environment/environment.js';
import type { Problem } from '../problem/problem.js';
import { errorPage, headingOf } from './error-page.js';

/** Random bytes in a nonce. */
const NONCE_BYTES = 16;

/** Stands on every page of a demo. */
export const DEMO_BANNER = 'Demo: sample people, and anyone can sign in as anyone. Nothing here is real.';

/** A page to send. */
export interface PageAnswer extends Omit<PageOptions, 'nonce' | 'body'> {
  /** Default 200. */
  readonly status?: number;
  /** The content; a function gets the nonce that a `<script>` or `<style>` of its own must bear. */
  readonly body: PageOptions['body'] | ((nonce: string) => PageOptions['body']);
  /** Addresses whose origins forms may lead to, beside our own: browsers apply this to redirects after a form too. */
  readonly formActions?: readonly string[];
}

/** Sends pages, each under its own nonce and policy; in the demo, each with its banner. */
@Injectable()
export class Pages {
  constructor(@Inject(ENVIRONMENT) private readonly environment: Pick<Environment, 'demo'>) {}

  send(response: Response, { status = 200, formActions = [], body, ...options }: PageAnswer): void {
    const nonce = randomBytes(NONCE_BYTES).toString('base64url');
    const banner = options.banner ?? (this.environment.demo ? DEMO_BANNER : null);
    const content = typeof body === 'function' ? body(nonce) : body;
    response.status(status).set(pageHeaders(nonce, formActions));
    response.send(page({ ...options, banner, nonce, body: content }).toString());
  }

  /** Sends a refusal as a page that bears its code. */
  sendProblem(response: Response, problem: Problem): void {
    this.send(response, {
      status: problem.status,
      title: headingOf(problem.status),
      width: 'narrow',
      body: errorPage(problem),
    });
  }
}
