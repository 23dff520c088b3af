import type { CatalogView } from '#libs/catalog';
import type { ConnectionSettings } from '#libs/contracts';
import type { ConfigureConnection, ConfigureTenant } from '#libs/domain';
import type { PlannedChange } from '../plan-configuration.js';

type Saml = ConnectionSettings['saml'];

const CONSEQUENCE = 'people who return are not recognised and get new accounts, while the old ones keep what they hold';

/**
 * Warns of changes after which people who return are not recognised: a person is known by directory and subject, and a key under another
 * directory or another subject is nobody's. Pure.
 * @returns a sentence for each connection that moves to another directory, takes its subjects from elsewhere or trusts another provider, and for each directory that is dropped
 */
export function recognitionWarnings(changes: readonly PlannedChange[], catalog: CatalogView): string[] {
  return changes
    .filter(({ action }) => action === 'change')
    .flatMap((change) => {
      const { type, data } = change.command;
      if (type === 'ConfigureTenant') return droppedDirectories(data, catalog);
      return type === 'ConfigureConnection' ? separations(data, change.changed, catalog) : [];
    });
}

function droppedDirectories({ tenant, settings }: ConfigureTenant['data'], catalog: CatalogView): string[] {
  const kept = new Set(settings.directories.map(({ id }) => id));
  const before = catalog.tenant(tenant)?.settings?.directories ?? [];
  return before
    .filter(({ id }) => !kept.has(id))
    .map(
      ({ id }) => `Directory ${id} of tenant ${tenant} is dropped. Identity keys are per directory: ${CONSEQUENCE}.`,
    );
}

function separations(
  { connection, settings }: ConfigureConnection['data'],
  changed: readonly string[],
  catalog: CatalogView,
): string[] {
  const before = catalog.connection(connection)?.settings;
  const from = before?.directory;
  const moves = `Connection ${connection} moves from directory ${from} to ${settings.directory}. Identity keys are per directory: ${CONSEQUENCE}.`;
  const renames = `Connection ${connection} takes the subject of a person from elsewhere. Identity keys are per subject: ${CONSEQUENCE}.`;
  const elsewhere = `Connection ${connection} takes the word of another identity provider (saml.idpEntityId). Whoever it names as one who is known here comes into that account; of the others, ${CONSEQUENCE}.`;
  return [
    ...(changed.includes('directory') ? [moves] : []),
    ...(changed.includes('subject') ? [renames] : []),
    ...(before && trustsAnother(before.saml, settings.saml) ? [elsewhere] : []),
  ];
}

/** Whether the provider that is known would be one that bears, or may bear, another name. */
function trustsAnother(before: Saml, after: Saml): boolean {
  const known = before?.idpEntityId ?? null;
  if (known === null || after === null || after.idpEntityId === known) return false;
  return after.idpEntityId !== null || after.metadata?.url !== before?.metadata?.url;
}
