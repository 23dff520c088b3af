import { types } from 'node:util';
import { DomainError } from '#libs/kernel';
import type { Environment } from '../environment/environment.js';

/**
 * Says in words why a server could not start and what to do. `null` for what nobody foresaw: then the log's entry must do.
 */
export function startFailure(error: unknown, environment?: Pick<Environment, 'port' | 'host'>): string | null {
  if (error instanceof DomainError) return error.message;
  const code = types.isNativeError(error) && 'code' in error ? error.code : undefined;
  const { port, host } = environment ?? {};
  if (code === 'EADDRINUSE')
    return `Port ${port} on ${host} is taken by another program, or another Gatebook. Stop it, or set PORT to a free port.`;
  if (code === 'EACCES') return `Port ${port} may not be used without further rights. Set PORT to a number above 1023.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `This machine has no address ${host}. Set HOST to one that it has.`;
  return null;
}
