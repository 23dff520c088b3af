import { randomUUID } from 'node:crypto';
import { listParked, type ParkedStream, type ReplayOutcome, replayParkedStreams } from '#libs/read-model';
import { type Arguments, answer, type CommandLineCommand, EXIT, JSON_FLAG, textFlag } from '../command.js';
import { withInstallation } from '../installation.js';
import { projectionWork } from '../projection-jobs.js';

const FLAGS = {
  projection: { type: 'string', about: 'only this projection' },
  tenant: { type: 'string', about: 'only streams of this tenant' },
  ...JSON_FLAG,
} as const;

const asked = (args: Arguments) => ({ projection: textFlag(args, 'projection'), tenant: textFlag(args, 'tenant') });

const queryOf = (args: Arguments) =>
  new URLSearchParams(Object.entries(asked(args)).filter((pair): pair is [string, string] => pair[1] !== undefined));

/** `gatebook parked list`: what projections could not take. */
export const parkedListCommand: CommandLineCommand = {
  name: 'parked list',
  summary: 'list streams that a projection could not take and that wait',
  usage: 'parked list [--projection NAME] [--tenant ID] [--json]',
  explanation:
    'A stream is parked when one of its events cannot be projected; what follows in the stream waits behind it. At most 1,000 are listed.\n' +
    '"gatebook parked replay" tries them again.',
  positionals: 0,
  flags: FLAGS,
  async run(args, terminal) {
    const streams = await withInstallation(terminal, { mayCreate: false }, (access) =>
      access.kind === 'server'
        ? access.server
            .get<{ streams: ParkedStream[] }>(`/api/v1/projections/parked?${queryOf(args)}`)
            .then((found) => found.streams)
        : listParked(access.engine.database, asked(args)),
    );
    answer(terminal, args, { streams }, listText(streams));
    return EXIT.done;
  },
};

/** `gatebook parked replay`: tries them again. */
export const parkedReplayCommand: CommandLineCommand = {
  name: 'parked replay',
  summary: 'try parked streams again, in order, from the event store',
  usage: 'parked replay [--projection NAME] [--tenant ID] [--json]',
  explanation:
    'Helps after new software, or after damage on the way that spared the store. "gatebook parked list" says what it would try.\n' +
    'Exit code 0: nothing waits any more. 1: some streams still cannot be taken.',
  positionals: 0,
  flags: FLAGS,
  async run(args, terminal) {
    const outcome = await withInstallation(terminal, { mayCreate: false }, (access) =>
      access.kind === 'server'
        ? access.server.post<ReplayOutcome>('/api/v1/projections/parked/replay', asked(args), randomUUID())
        : replayParkedStreams(projectionWork(access.engine), asked(args)),
    );
    const { taken, waiting } = outcome;
    answer(terminal, args, outcome, `${taken} events taken\n${listText(waiting)}`);
    return waiting.length === 0 ? EXIT.done : EXIT.refused;
  },
};

function listText(streams: readonly ParkedStream[]): string {
  if (streams.length === 0) return 'Nothing is parked.';
  return streams
    .map(
      ({ projection, stream, revision, type, problem, events }) =>
        `${projection}  ${stream}  from revision ${revision} (${type}: ${problem ?? 'waits'}), ${events} ${events === 1 ? 'event' : 'events'}`,
    )
    .join('\n');
}
