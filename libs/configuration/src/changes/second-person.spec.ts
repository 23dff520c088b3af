/** How many changes wait at a time. In memory. */
import { Catalog } from '#libs/catalog';
import type { PolicySettings, TenantSettings } from '#libs/contracts';
import { policyDecider, tenantDecider } from '#libs/domain';
import { decideAndAppend, type WritePath } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import { arrayEventStore, clearCodec, metadataOf, sampleTenantSettings } from '#libs/testing';
import { type HoldableChange, targetOf } from './holdable-change.js';
import { CHANGES_WAITING_MAX, SecondPerson } from './second-person.js';

const NOW = '2026-03-02T08:00:00.000Z';
const settings = { kind: 'dormant', after: 'P90D', action: 'finding', maxPerRun: 100, owner: null } as PolicySettings;
const data = { policy: 'watch', settings, enabled: true, managedBy: 'api', reason: null } as const;
const change: HoldableChange = {
  kind: 'policy',
  tenant: 'acme',
  id: 'watch',
  command: { type: 'ConfigurePolicy', data },
};

const WANTED: TenantSettings = {
  ...sampleTenantSettings,
  changeApproval: { connections: 0, rules: 0, policies: 1, privilegedRoles: 0 },
};

/** Acme, which wants a second person for policies, while so many changes wait. */
async function askedWhile(waiting: number) {
  const path: WritePath = { store: arrayEventStore(), codec: clearCodec, clock: { now: () => new Date(NOW) } };
  await decideAndAppend(path, streamName({ category: 'tenant', tenant: 'acme', id: 'acme' }), tenantDecider, {
    type: 'ConfigureTenant',
    data: { tenant: 'acme', settings: WANTED, reason: null },
    metadata: metadataOf('tenant', 'acme', NOW),
  });
  const catalog = new Catalog(path.store, clearCodec);
  const second = new SecondPerson({ catalog, path, waiting: async () => waiting });
  const asked = { metadata: metadataOf('ask', 'acme', NOW), reason: 'wanted', emergency: false };
  return second.orHold(change, targetOf('policy', policyDecider.initialState), asked, () => {
    throw new Error('must not be made');
  });
}

it('a change waits while fewer than two hundred do, and is refused beyond', async () => {
  expect(await askedWhile(CHANGES_WAITING_MAX - 1)).toMatchObject({ status: 'held' });
  await expect(askedWhile(CHANGES_WAITING_MAX)).rejects.toMatchObject({
    code: 'too-many-changes-wait',
    kind: 'conflict',
  });
});
