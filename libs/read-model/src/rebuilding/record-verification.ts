import type { ProjectionVerified } from '#libs/contracts';
import { appendOnce, type WritePath } from '#libs/event-store';
import { type CommandMetadata, INSTALLATION_TENANT, streamName } from '#libs/kernel';
import type { RebuildOutcome } from './rebuild-projection.js';

/**
 * Records what a verification came to, as a fact of the installation; without the keys of differing rows. A repeat with the same command id
 * records nothing more.
 * @param metadata of a command of its own for each projection, in the tenant `installation`
 * @returns id of the event
 */
export async function recordVerification(
  path: WritePath,
  outcome: RebuildOutcome,
  metadata: CommandMetadata,
): Promise<string> {
  const { projection, version, position, digest, durationMs, parked } = outcome;
  const differences = outcome.differences.map(({ keys: _keys, ...counts }) => counts);
  const event: ProjectionVerified = {
    type: 'ProjectionVerified',
    data: { projection, version, position, digest, durationMs, differences, parkedStreams: parked.live },
  };
  const id = metadata.deriveId(`verification ${projection}`);
  const stream = streamName({ category: 'projectionVerification', tenant: INSTALLATION_TENANT, id });
  const { events } = await appendOnce(path, stream, [event], metadata);
  return events[0]?.id ?? id;
}
