/** A server starts, or says why not; it ends gently. */

import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { Writable } from 'node:stream';
import { Module } from '@nestjs/common';
import { DomainError } from '#libs/kernel';
import { readEnvironment } from '../environment/environment.js';
import { createLog } from '../logging/log.js';
import { startServer } from './run-server.js';
import { startFailure } from './start-failure.js';

const lines: string[] = [];
const log = createLog({
  level: 'info',
  readable: false,
  destination: new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  }),
});

/** Takes a free port of loopback. */
const occupy = () =>
  new Promise<Server>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
    occupied.push(server);
  });
const portOf = (server: Server) => String((server.address() as AddressInfo).port);
const release = (server: Server) => new Promise((resolve) => server.close(resolve));

const occupied: Server[] = [];
afterEach(async () => {
  for (const server of occupied.splice(0)) await release(server);
});

describe('a server', () => {
  it('starts with what its main says, warns, and ends', async () => {
    const place = await occupy();
    const environment = readEnvironment({ PORT: portOf(place), GATEBOOK_PUBLIK_URL: 'x' });
    await release(place);
    const heard: string[] = [];
    const server = await startServer(
      {
        root: () => class Root {},
        openApi: { title: 'T', version: '1' },
        prepare: () => void heard.push('prepare'),
        onListening: () => void heard.push('listening'),
      },
      environment,
      log,
    );
    expect(heard).toEqual(['prepare', 'listening']);
    expect(server.localUrl).toBe(`http://127.0.0.1:${environment.port}`);
    expect((await fetch(`${server.localUrl}/openapi.json`)).status).toBe(200);
    expect(lines.join()).toContain('GATEBOOK_PUBLIK_URL');
    expect(lines.join()).toContain('"msg":"listening"');
    expect(lines.filter((line) => line.includes('Mapped') || line.includes('dependencies initialized'))).toEqual([]);
    await server.close();
    await expect(fetch(`${server.localUrl}/health/live`)).rejects.toThrow();
  });

  it('that finds its port taken says so, and closes what it had opened', async () => {
    const place = await occupy();
    const environment = readEnvironment({ PORT: portOf(place) });
    let closed = false;
    @Module({})
    class Root {
      onApplicationShutdown() {
        closed = true;
      }
    }
    const failure = await startServer({ root: () => Root }, environment, log).catch((error: unknown) => error);
    expect(startFailure(failure, environment)).toBe(
      `Port ${environment.port} on 127.0.0.1 is taken by another program, or another Gatebook. Stop it, or set PORT to a free port.`,
    );
    expect(closed).toBe(true);
  });
});

describe('the reason why a start failed', () => {
  class Refused extends DomainError {
    readonly code = 'refused';
    readonly kind = 'conflict';
  }
  const system = (code: string) => Object.assign(new Error('x'), { code });
  const where = { port: 80, host: '10.9.9.9' };

  it.each([
    ['a refusal', new Refused('Do this.'), 'Do this.'],
    ['a low port', system('EACCES'), 'above 1023'],
    ['a foreign address', system('EADDRNOTAVAIL'), 'no address 10.9.9.9'],
  ])('is told in words for %s', (_what, error, text) => expect(startFailure(error, where)).toContain(text));

  it('is left to the log when nobody foresaw it', () => expect(startFailure(new Error('x'), where)).toBeNull());
});
