import { DomainError, fold, system } from './index.js';

class DoorClosedError extends DomainError {
  readonly code = 'door-closed';
  readonly kind = 'conflict';
}

it('a domain error bears the name of its class and a text for the caller', () => {
  const error = new DoorClosedError('The door is closed. Knock.');
  expect([error.name, error.message, error.code, error.kind]).toEqual([
    'DoorClosedError',
    'The door is closed. Knock.',
    'door-closed',
    'conflict',
  ]);
  expect(error).toBeInstanceOf(Error);
});

it('a fold begins at the initial state and takes events in order', () => {
  const trail = { initialState: '', evolve: (state: string, { type }: { type: string }) => `${state}${type}` };
  expect(fold(trail, [])).toBe('');
  expect(fold(trail, [{ type: 'a' }, { type: 'b' }] as never)).toBe('ab');
});

it('the system acts through one of its parts', () => expect(system('relay')).toEqual({ kind: 'system', id: 'relay' }));
