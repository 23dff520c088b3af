import type { ConfigurationEvent } from '#libs/contracts';
import type { Command, Decider, RecordedEvent } from '#libs/kernel';

/** Records that a configuration file was applied. */
export type RecordConfigurationApplied = Command<
  'RecordConfigurationApplied',
  Extract<ConfigurationEvent, { type: 'ConfigurationApplied' }>['data']
>;
/** Records that a configuration file waits for confirmation. */
export type RecordConfigurationHeld = Command<
  'RecordConfigurationHeld',
  Extract<ConfigurationEvent, { type: 'ConfigurationHeld' }>['data']
>;

/** The configuration as a whole: which file holds, which one waits. */
export interface ConfigurationState {
  readonly appliedHash: string | null;
  readonly heldHash: string | null;
}

/** Keeps the hash of the configuration in force, so that a start applies only what changed. */
export const configurationDecider: Decider<
  RecordConfigurationApplied | RecordConfigurationHeld,
  ConfigurationState,
  ConfigurationEvent
> = {
  initialState: { appliedHash: null, heldHash: null },
  decide(command, state) {
    if (command.type === 'RecordConfigurationApplied') return [{ type: 'ConfigurationApplied', data: command.data }];
    return state.heldHash === command.data.hash ? [] : [{ type: 'ConfigurationHeld', data: command.data }];
  },
  evolve: (state, event) => evolve(state, event as RecordedEvent & ConfigurationEvent),
};

function evolve(state: ConfigurationState, event: ConfigurationEvent): ConfigurationState {
  switch (event.type) {
    case 'ConfigurationApplied':
      return { appliedHash: event.data.hash, heldHash: null };
    case 'ConfigurationHeld':
      return { ...state, heldHash: event.data.hash };
    default:
      throw new TypeError(`The configuration cannot fold ${(event as { type: string }).type}.`);
  }
}
