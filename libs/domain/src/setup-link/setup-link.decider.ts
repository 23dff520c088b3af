import type { SetupLinkEvent, SetupLinkIssued } from '#libs/contracts';
import { type Command, type Decider, DomainError, type RecordedEvent } from '#libs/kernel';

/** Makes a one-time administrator link. */
export type IssueSetupLink = Command<'IssueSetupLink', SetupLinkIssued['data']>;
/** Uses a link up for an administrator's key. */
export type UseSetupLink = Command<'UseSetupLink', { readonly tokenSha256: string; readonly key: string }>;
export type SetupLinkCommand = IssueSetupLink | UseSetupLink;

/** A one-time link as a fold of its stream. */
export interface SetupLinkState {
  readonly id: string;
  readonly tokenSha256: string;
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

/** A way in for the first administrator, or for one who lost every other way. Works once, for a limited time. */
export const setupLinkDecider: Decider<SetupLinkCommand, SetupLinkState, SetupLinkEvent> = {
  initialState: { id: '', tokenSha256: '', expiresAt: '', status: 'absent' },
  decide(command, state) {
    if (command.type === 'IssueSetupLink') return [{ type: 'SetupLinkIssued', data: command.data }];
    const valid =
      state.status === 'open' &&
      state.tokenSha256 === command.data.tokenSha256 &&
      command.metadata.now < state.expiresAt;
    if (!valid) throw new SetupLinkInvalidError();
    return [{ type: 'SetupLinkUsed', data: { link: state.id, key: command.data.key } }];
  },
  evolve: (state, event) => evolve(state, event as RecordedEvent & SetupLinkEvent),
};

function evolve(state: SetupLinkState, event: SetupLinkEvent): SetupLinkState {
  switch (event.type) {
    case 'SetupLinkIssued':
      return {
        id: event.data.link,
        tokenSha256: event.data.tokenSha256,
        expiresAt: event.data.expiresAt,
        status: 'open',
      };
    case 'SetupLinkUsed':
      return { ...state, status: 'used' };
    default:
      throw new TypeError(`A setup link cannot fold ${(event as { type: string }).type}.`);
  }
}
