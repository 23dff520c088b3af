import type { SetupLinkEvent, SetupLinkIssued } from '#libs/contracts';
import { type Command, type Decider, DomainError, type RecordedEvent } from '#libs/kernel';

/** Makes a one-time administrator link. */
export type IssueSetupLink = Command<'IssueSetupLink', SetupLinkIssued['data']>;
/** Uses a link up: for an administrator's key, or for one browser that may see the set-up page of a connection. */
export type UseSetupLink = Command<
  'UseSetupLink',
  { readonly tokenSha256: string; readonly key: string | null; readonly browserSha256: string | null }
>;
export type SetupLinkCommand = IssueSetupLink | UseSetupLink;

/** A one-time link as a fold of its stream. */
export interface SetupLinkState {
  readonly id: string;
  readonly purpose: SetupLinkIssued['data']['purpose'] | null;
  /** The connection that it sets up, where that is its purpose. */
  readonly connection: string | null;
  readonly tokenSha256: string;
  /** SHA-256 of what the cookie of the one browser holds that used it for a connection. */
  readonly browserSha256: string | null;
  readonly expiresAt: string;
  readonly status: 'absent' | 'open' | 'used';
}

/** The link is unknown, used or past its end: all look the same from outside. */
export class SetupLinkInvalidError extends DomainError {
  readonly code = 'setup-link-invalid';
  readonly kind = 'notFound';
  constructor() {
    super(
      'This link is not valid: it was used, or its time is over. On the host, "npx gatebook recover-access" prints a new one.',
    );
  }
}

/**
 * A way in for the first administrator, or for one who lost every other way; or to the set-up page of one connection, which a link for a key
 * never opens, nor the other way round. Works once, for a limited time.
 */
export const setupLinkDecider: Decider<SetupLinkCommand, SetupLinkState, SetupLinkEvent> = {
  initialState: {
    id: '',
    purpose: null,
    connection: null,
    tokenSha256: '',
    browserSha256: null,
    expiresAt: '',
    status: 'absent',
  },
  decide(command, state) {
    if (command.type === 'IssueSetupLink') return [{ type: 'SetupLinkIssued', data: command.data }];
    const valid =
      state.status === 'open' &&
      state.tokenSha256 === command.data.tokenSha256 &&
      command.metadata.now < state.expiresAt;
    const { key, browserSha256 } = command.data;
    const fits = state.purpose === 'connection' ? browserSha256 !== null && key === null : key !== null;
    if (!valid || !fits) throw new SetupLinkInvalidError();
    return [{ type: 'SetupLinkUsed', data: { link: state.id, key, browserSha256 } }];
  },
  evolve: (state, event) => evolve(state, event as RecordedEvent & SetupLinkEvent),
};

function evolve(state: SetupLinkState, event: SetupLinkEvent): SetupLinkState {
  switch (event.type) {
    case 'SetupLinkIssued':
      return {
        ...state,
        id: event.data.link,
        purpose: event.data.purpose,
        connection: event.data.connection,
        tokenSha256: event.data.tokenSha256,
        expiresAt: event.data.expiresAt,
        status: 'open',
      };
    case 'SetupLinkUsed':
      return { ...state, browserSha256: event.data.browserSha256, status: 'used' };
    default:
      throw new TypeError(`A setup link cannot fold ${(event as { type: string }).type}.`);
  }
}
