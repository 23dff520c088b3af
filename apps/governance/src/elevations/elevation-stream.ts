import { type AccountState, accountDecider, type ElevationState, elevationDecider } from '#libs/domain';
import { readHistory, type WritePath } from '#libs/event-store';
import { fold, type RecordedEvent, streamName } from '#libs/kernel';

/** An aggregate with everything that happened to it. */
export interface Told<State> {
  readonly state: State;
  readonly events: readonly RecordedEvent[];
}

/** Names the stream of an elevation. */
export const elevationStream = (tenant: string, id: string): string =>
  streamName({ category: 'elevation', tenant, id });

/** An elevation as its stream tells it; `absent` where there is none. */
export async function readElevation(path: WritePath, tenant: string, id: string): Promise<Told<ElevationState>> {
  const { events } = await readHistory(path, elevationStream(tenant, id));
  return { state: fold(elevationDecider, events), events };
}

/** The account that an elevation is about, likewise. */
export async function readAccount(path: WritePath, tenant: string, id: string): Promise<Told<AccountState>> {
  const { events } = await readHistory(path, streamName({ category: 'account', tenant, id }));
  return { state: fold(accountDecider, events), events };
}
