import { catalogue } from '#libs/contracts';
import { deriveId } from '#libs/event-store';
import { INSTALLATION_TENANT, system } from '#libs/kernel';
import { SOFTWARE_VERSION } from '#libs/platform';
import { countDifferences, verifyProjections } from '#libs/read-model';
import type { World } from './world.js';

/** Id of the command that verifies (a random uuid). */
const VERIFYING = '5a7f4f0e-5f0b-4d0c-8a0e-8a1f9d7c2b61';

/** Rebuilds every projection beside the live one. @returns in how many rows they differ */
export async function rebuildDifferences({ engine, clock }: World): Promise<number> {
  const { database, store, codec, leases, writePath } = engine;
  const work = { database, store, reader: codec, leases, catalogue, software: SOFTWARE_VERSION };
  const metadata = {
    tenant: INSTALLATION_TENANT,
    actor: system('test'),
    commandId: VERIFYING,
    commandDigest: '0'.repeat(64),
    correlationId: VERIFYING,
    now: clock.now().toISOString(),
    deriveId: (name: string) => deriveId(VERIFYING, name),
  };
  const outcomes = await verifyProjections(work, [], { path: writePath, metadata });
  return outcomes.reduce((sum, { differences }) => sum + countDifferences(differences), 0);
}
