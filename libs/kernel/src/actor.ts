/**
 * Who acts. `id` is an account id, an API key id, a connection id or the name of a part of the system.
 * An actor is named by id only: the person behind it is found in the read model.
 */
export interface Actor {
  readonly kind: 'account' | 'key' | 'connection' | 'system';
  readonly id: string;
}

/** The system itself, acting through one of its parts (`relay`, `configuration`, `rules`). */
export const system = (part: string): Actor => ({ kind: 'system', id: part });
