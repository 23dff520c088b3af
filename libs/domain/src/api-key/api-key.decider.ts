import type { ApiKeyCreated, ApiKeyEvent, Scope } from '#libs/contracts';
import { type Command, type Decider, DomainError, type RecordedEvent, senderOf } from '#libs/kernel';

/** Makes an API key; the secret is known to the caller only. */
export type CreateApiKey = Command<'CreateApiKey', ApiKeyCreated['data']>;
/** Ends an API key at once. */
export type RevokeApiKey = Command<'RevokeApiKey', { readonly reason: string }>;
export type ApiKeyCommand = CreateApiKey | RevokeApiKey;

/** An API key as a fold of its stream. */
export interface ApiKeyState {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: string;
  readonly secretSha256: string;
  readonly status: 'absent' | 'live' | 'revoked';
  readonly createdAt: string;
  /** `kind:id` of who made it: what it says is their word. */
  readonly madeBy: string;
}

/** No such key, or it is revoked already. */
export class ApiKeyNotFoundError extends DomainError {
  readonly code = 'key-not-found';
  readonly kind = 'notFound';
  constructor() {
    super('There is no such API key.');
  }
}

/** The key would be born expired. */
export class InvalidKeyExpiryError extends DomainError {
  readonly code = 'invalid-expires-at';
  readonly kind = 'invalid';
  constructor() {
    super('expiresAt must lie in the future.');
  }
}

/** A bearer secret with scopes and an end, belonging to one tenant or to the installation. */
export const apiKeyDecider: Decider<ApiKeyCommand, ApiKeyState, ApiKeyEvent> = {
  initialState: {
    id: '',
    name: '',
    scopes: [],
    expiresAt: '',
    secretSha256: '',
    status: 'absent',
    createdAt: '',
    madeBy: '',
  },
  decide(command, state) {
    if (command.type === 'CreateApiKey') {
      if (command.data.expiresAt <= command.metadata.now) throw new InvalidKeyExpiryError();
      return [{ type: 'ApiKeyCreated', data: command.data }];
    }
    if (state.status !== 'live') throw new ApiKeyNotFoundError();
    return [{ type: 'ApiKeyRevoked', data: { key: state.id, reason: command.data.reason } }];
  },
  evolve: (state, event) => evolve(state, event as RecordedEvent & ApiKeyEvent),
};

function evolve(state: ApiKeyState, event: RecordedEvent & ApiKeyEvent): ApiKeyState {
  switch (event.type) {
    case 'ApiKeyCreated': {
      const { key, reason: _, ...settings } = event.data;
      return { ...settings, id: key, status: 'live', createdAt: event.recordedAt, madeBy: senderOf(event.metadata) };
    }
    case 'ApiKeyRevoked':
      return { ...state, status: 'revoked' };
    default:
      throw new TypeError(`An API key cannot fold ${(event as { type: string }).type}.`);
  }
}
