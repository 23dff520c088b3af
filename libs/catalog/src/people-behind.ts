import { accountDecider } from '#libs/domain';
import { readAggregate, type WritePath } from '#libs/event-store';
import { type CommandMetadata, senderOf, streamName } from '#libs/kernel';
import type { Catalog, CatalogView } from './catalog.js';

/** How many keys, each made by the one before, and how many merges of one person are followed. */
const STEPS_MAX = 20;

const KEY = 'key:';
const ACCOUNT = 'account:';

/** What is asked to find out who stands behind somebody. */
export interface PeopleBehindSources {
  readonly catalog: Pick<Catalog, 'current'>;
  readonly path: WritePath;
}

/**
 * Finds whose word it is that comes from somebody: a key is the word of the account that made it, also through keys that keys made, and an
 * account that was merged goes on as the other one. A key that the operator made, with the key of the environment, is its own word.
 * @param senders `kind:id` of actors, of one tenant or of the installation
 * @returns `kind:id` for each of them that somebody else stands behind; at most 20 keys and 20 merges are followed
 */
export async function peopleBehind(
  { catalog, path }: PeopleBehindSources,
  tenant: string,
  senders: Iterable<string>,
): Promise<ReadonlyMap<string, string>> {
  const view = await catalog.current();
  const found = await Promise.all(
    [...new Set(senders)].map(async (sender) => [sender, await goesOnAs(path, tenant, makerOf(view, sender))] as const),
  );
  return new Map(found.filter(([sender, person]) => person !== sender));
}

/** Metadata whose decider knows who stands behind the actor. @param others whom the decision is about besides, as `kind:id` */
export async function withPeopleBehind(
  sources: PeopleBehindSources,
  metadata: CommandMetadata,
  others: Iterable<string> = [],
): Promise<CommandMetadata> {
  const behind = await peopleBehind(sources, metadata.tenant, [senderOf(metadata), ...others]);
  return { ...metadata, behind };
}

function makerOf(view: CatalogView, sender: string): string {
  let maker = sender;
  for (let steps = 0; steps < STEPS_MAX && maker.startsWith(KEY); steps += 1) {
    const madeBy = view.apiKey(maker.slice(KEY.length))?.madeBy ?? '';
    if (!madeBy.startsWith(ACCOUNT) && view.apiKey(madeBy.slice(KEY.length)) === undefined) break;
    maker = madeBy;
  }
  return maker;
}

async function goesOnAs(path: WritePath, tenant: string, sender: string): Promise<string> {
  let account = sender;
  for (let steps = 0; steps < STEPS_MAX && account.startsWith(ACCOUNT); steps += 1) {
    const stream = streamName({ category: 'account', tenant, id: account.slice(ACCOUNT.length) });
    const { mergedInto } = (await readAggregate(path, stream, accountDecider)).state;
    if (mergedInto === null) break;
    account = `${ACCOUNT}${mergedInto}`;
  }
  return account;
}
