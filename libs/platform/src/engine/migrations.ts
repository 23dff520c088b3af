import { busMigrations } from '#libs/bus';
import { configurationMigrations } from '#libs/configuration';
import { databaseMigrations, type Migration } from '#libs/database';
import { eventStoreMigrations } from '#libs/event-store';
import { identityMigrations } from '#libs/identity';
import { ledgerMigrations } from '#libs/ledger';
import { noticeMigrations } from '#libs/notices';
import { openidProviderMigrations } from '#libs/openid-provider';
import { readModelMigrations } from '#libs/read-model';
import { reportMigrations } from '#libs/reports';
import { vaultMigrations } from '#libs/vault';
import { governanceMigrations } from './governance.migrations.js';

/** Every migration of the software, the same for every server: what a database holds beyond this list was made by a newer version. */
export const MIGRATIONS: readonly Migration[] = [
  ...databaseMigrations,
  ...eventStoreMigrations,
  ...ledgerMigrations,
  ...vaultMigrations,
  ...identityMigrations,
  ...openidProviderMigrations,
  ...readModelMigrations,
  ...busMigrations,
  ...configurationMigrations,
  ...noticeMigrations,
  ...governanceMigrations,
  ...reportMigrations,
];
