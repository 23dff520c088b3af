import { EVERY_PARTITION } from '#libs/bus';
import { catalogue } from '#libs/contracts';
import { migrate } from '#libs/database';
import type { StoredEvent } from '#libs/event-store';
import type { Json, RecordedEvent, SealedEvent } from '#libs/kernel';
import { ledgerMigrations } from '#libs/ledger';
import {
  clearReader,
  connectionRegistered,
  historyOf,
  onEveryDatabase,
  roleDefined,
  rule,
  storedInClear,
  storeOf,
} from '#libs/testing';
import { wholeLog } from '../projecting/partitioned-log.fixture.js';
import { ProjectionRunner } from '../projecting/projection-runner.js';
import { eventually, FREE, seal } from '../projecting/read-model.fixture.js';
import { PROJECTIONS } from '../projections.js';
import { readModelMigrations } from '../read-model.migrations.js';
import { readPosition } from '../read-position.js';
import { findConnectionVersion, findRuleVersion } from './connections.queries.js';

/** Goal: an installation from before other protocols than SAML has every connection's settings in the form of today, from the log. */

jest.setTimeout(60_000);

/** As the settings of a connection were recorded then. */
const WRITTEN_THEN = {
  protocol: 'saml',
  directory: 'staff',
  domains: ['acme.example'],
  jit: { create: true, update: 'everySignIn', required: [], allowedDomains: ['acme.example'] },
  linking: 'none',
  subject: { attribute: 'nameId', caseInsensitive: false },
  trustEmail: true,
  saml: {
    idpEntityId: 'http://idp.example',
    ssoUrl: 'https://idp.example/sso',
    certificates: ['a certificate'],
    spEntityId: null,
    allowIdpInitiated: false,
    requireSigned: 'assertion',
    clockSkew: 'PT60S',
  },
  attributes: { userName: 'nameId' },
  groups: { attribute: 'groups', whenMissing: 'unknown', names: {} },
  rules: [{ id: 'engineers', version: 1, when: { group: 'engineers' }, grant: ['crm.reader'] }],
} as const satisfies Json;

const events = storedInClear(
  historyOf(roleDefined('crm.reader'), connectionRegistered('okta', [rule('engineers', 'engineers', ['crm.reader'])])),
).map((event) =>
  event.type === 'ConnectionRegistered'
    ? { ...event, schemaVersion: 1, data: { ...(event.data as object), settings: WRITTEN_THEN } as Json }
    : event,
);

const lift = (event: RecordedEvent): RecordedEvent => ({
  ...event,
  data: catalogue.upcast(event.type, event.data, event.schemaVersion) as SealedEvent['data'],
});
/** Upcasts, as the reader of a server does. */
const reader = {
  decode: async (stored: readonly StoredEvent[]) => (await clearReader.decode(stored)).map(lift),
  decodeWithholding: (stored: readonly StoredEvent[]) => clearReader.decodeWithholding(stored).map(lift),
};

onEveryDatabase((open) => {
  it('connections of an older version are filled again from the log, while the other projections stand', async () => {
    const { database, drop } = await open();
    try {
      const migrations = [...ledgerMigrations, ...readModelMigrations];
      await migrate(
        database,
        migrations.filter(({ name }) => name < '0530'),
      );
      await seal(database, events);
      await database.query(
        `insert into read_model.checkpoints (projection, version, partition, position, store_position)
           select name, 1, $2, $3, $3 from unnest($1::text[]) name`,
        [PROJECTIONS.map(({ name }) => name), EVERY_PARTITION, events.length - 1],
      );
      const columns = 'tenant, connection, from_pos, version, enabled, removed, settings, managed_by, settings_event';
      await database.query(
        `insert into read_model.connections_v1 (${columns}) values ('acme', 'okta', 1, 1, true, false, $1, 'config', $2)`,
        [JSON.stringify(WRITTEN_THEN), events[1]?.id],
      );
      await migrate(database, migrations);
      expect(await findConnectionVersion(database, 'acme', 'okta', 1)).toBeNull();

      const ended = new AbortController();
      const sealedEvents = wholeLog(events);
      const options = { database, sealedEvents, store: storeOf(events), reader, catalogue, projections: PROJECTIONS };
      const running = new ProjectionRunner(options).run(FREE, ended.signal);
      await eventually(async () => (await readPosition(database)).position === events.length - 1);
      ended.abort();
      await running;

      const found = await findConnectionVersion(database, 'acme', 'okta', 1);
      const lifted = lift({ ...events[1], tenant: 'acme' } as RecordedEvent).data as { readonly settings: object };
      expect(found).toEqual({ version: 1, settings: lifted.settings, settingsEvent: events[1]?.id });
      expect(found?.settings).toMatchObject({ oidc: null, jwt: null, saml: { forceAuthn: false } });
      const asked = { tenant: 'acme', connection: 'okta', rule: 'engineers', ruleVersion: 1 };
      expect(await findRuleVersion(database, asked)).toEqual(found);
    } finally {
      await drop();
    }
  });
});
