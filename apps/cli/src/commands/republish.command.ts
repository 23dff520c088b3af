import { randomUUID } from 'node:crypto';
import { BEFORE_SEALED, publishedThrough, republishFrom, topicOf } from '#libs/bus';
import type { Engine } from '#libs/platform';
import {
  type Arguments,
  answer,
  type CommandLineCommand,
  EXIT,
  JSON_FLAG,
  textFlag,
  UndecidedError,
  WrongUseError,
} from '../command.js';
import { withInstallation } from '../installation.js';

/** What publishing again comes to. */
interface Republished {
  readonly topic: string;
  /** Events after this position are published again; -1 for all. */
  readonly after: number;
  readonly events: number;
}

/** `gatebook republish`: makes the relay publish to Kafka again. */
export const republishCommand: CommandLineCommand = {
  name: 'republish',
  summary: 'publish the sealed log to Kafka again, after the topic lost events',
  usage: 'republish [--after POSITION] [--dry-run] [--json]',
  explanation:
    'Sets the topic back; the relay then publishes everything after that position again, and readers leave out what they have.\n' +
    'Without --after, everything. Needs KAFKA_BROKERS, here or at the server that holds the data.',
  positionals: 0,
  flags: {
    after: { type: 'string', about: 'position of the last event that the topic surely has' },
    'dry-run': { type: 'boolean', about: 'say how many events would be published again, and change nothing' },
    ...JSON_FLAG,
  },
  async run(args, terminal) {
    const [after, dryRun] = [positionIn(args), args.flags['dry-run'] === true];
    const outcome = await withInstallation(terminal, { mayCreate: false }, (access) =>
      access.kind === 'server'
        ? access.server.post<Republished>('/api/v1/projections/republications', { after, dryRun }, randomUUID())
        : republish(access.engine, after, dryRun),
    );
    const done = dryRun ? 'would be published again' : 'will be published again by the relay';
    answer(terminal, args, { ...outcome, dryRun }, `${outcome.events} events of ${outcome.topic} ${done}`);
    return EXIT.done;
  },
};

function positionIn(args: Arguments): number {
  const text = textFlag(args, 'after');
  if (text === undefined) return BEFORE_SEALED;
  if (!/^(-1|\d{1,15})$/.test(text)) throw new WrongUseError('--after takes a position: a whole number from -1.');
  return Number(text);
}

async function republish({ database, kafka }: Engine, after: number, dryRun: boolean): Promise<Republished> {
  if (kafka === null) throw new UndecidedError('There is no Kafka to publish to: set KAFKA_BROKERS as the servers do.');
  const topic = topicOf(kafka);
  const published = await publishedThrough(database, topic);
  if (after > published) throw new WrongUseError(`The topic ${topic} is published up to position ${published}.`);
  return { topic, after, events: dryRun ? published - after : await republishFrom(database, topic, after) };
}
