import { streamName } from '#libs/kernel';
import type { GovernanceServer } from '../governance-server.fixture.js';
import { type ChangesWorld, type Hand, WATCH } from './changes.fixture.js';

interface Held {
  readonly status: string;
  readonly change: string;
  readonly approvalsNeeded: number;
  readonly validUntil: string;
  readonly positionToken: string;
}
interface Problem {
  readonly code: string;
}
interface Detail extends Problem {
  readonly status: string;
  readonly approvalsNeeded: number;
  readonly refusedBecause: string | null;
  readonly reason: string | null;
  readonly events: readonly string[];
  readonly differences: readonly { readonly setting: string; readonly before: unknown; readonly after: unknown }[];
  readonly consequences: { readonly warnings: readonly string[]; readonly confirm: string | null } | null;
}

/** What the words are said about; whoever asks, unless it is said. */
interface Surroundings {
  readonly server: GovernanceServer;
  readonly world: ChangesWorld;
  readonly asker: Hand;
}

/** Stream of a change. */
export const changeStream = (change: string): string =>
  streamName({ category: 'heldChange', tenant: 'acme', id: change });

/** What specs say of changes again and again. @param about asked each time: servers begin later than specs are read */
export function changeWords(about: () => Surroundings) {
  const put = <Body = Held & Problem>(
    by: Hand | null,
    id: string,
    settings: object = WATCH,
    over: object = {},
    key?: string,
  ) => about().world.send<Body>(by, 'PUT', `/api/v1/policies/${id}`, { settings, reason: 'wanted', ...over }, key);
  const answer = (word: string) => (by: Hand | null, change: string, body: object, key?: string) =>
    about().world.send<{ status: string } & Problem>(by, 'POST', `/api/v1/changes/${change}/${word}`, body, key);
  return {
    put,
    async policy(id: string) {
      const path = `/api/v1/policies/${id}`;
      return (await about().world.send<{ version?: number; enabled?: boolean }>(null, 'GET', path)).body;
    },
    approve: (by: Hand | null, change: string, body: object = {}, key?: string) =>
      answer('approve')(by, change, body, key),
    refuse: (by: Hand | null, change: string, body: object = { reason: 'no' }) => answer('refuse')(by, change, body),
    async detail(change: string, by: Hand | null = null) {
      await about().server.settle();
      return (await about().world.send<Detail>(by, 'GET', `/api/v1/changes/${change}`)).body;
    },
    async emergenciesOf(target: string) {
      const path = '/api/v1/changes?emergency=true';
      const { body } = await about().world.send<{ items: { target: string }[] }>(null, 'GET', path);
      return body.items.filter((item) => item.target === target);
    },
    /** A change of the asker that waits. @returns its id */
    held: async (id: string, settings: object = WATCH): Promise<string> =>
      (await put(about().asker, id, settings)).body.change,
  };
}
