import type { Server } from 'node:http';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { NextFunction, Request, Response } from 'express';

/** How long requests under way may take to end at shutdown, in milliseconds; then their connections are cut. */
export const DRAIN_TIMEOUT_MS = 10_000;

/** Ends a server gently: no new connections, requests under way finish, then nothing is left open. Before any part of the engine stops. */
@Injectable()
export class ConnectionDrain implements BeforeApplicationShutdown {
  constructor(private readonly host: HttpAdapterHost) {}

  async beforeApplicationShutdown(): Promise<void> {
    const server = this.host.httpAdapter?.getHttpServer() as Server | undefined;
    if (server?.listening) await drain(server, DRAIN_TIMEOUT_MS);
  }
}

/** Closes a server; after `timeoutMs` whatever is still open is cut. */
export async function drain(server: Server, timeoutMs: number): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), timeoutMs);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(cut);
}

/** Makes the middleware that tells clients of a closing server to open no further request on this connection. */
export function closeWhenDraining(server: Server): (request: Request, response: Response, next: NextFunction) => void {
  return (_request, response, next) => {
    if (!server.listening) response.set('Connection', 'close');
    next();
  };
}
