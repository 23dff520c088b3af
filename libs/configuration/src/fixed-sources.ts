import type { CatalogView } from '#libs/catalog';
import { changedSource } from '#libs/domain';
import type { ConfigurationProblem } from './configuration.errors.js';
import type { Configuration } from './configuration.schema.js';
import { connectionAsWritten } from './connection-as-written.js';

/** Finds connections that would take another source's people for those whom they have linked. */
export function fixedSourceProblems({ tenants }: Configuration, catalog: CatalogView): ConfigurationProblem[] {
  return tenants.flatMap((tenant, index) =>
    tenant.connections.flatMap((connection, at) => {
      const known = catalog.connection(connection.id);
      if (known?.tenant !== tenant.id || known.status !== 'present' || known.written === null) return [];
      return changedSource(known.written, connectionAsWritten(connection)).map((path) => ({
        line: null,
        path: `tenants[${index}].connections[${at}].${path}`,
        problem: `is not what it was when ${connection.id} was made, and people are linked by it: make a new connection, under another id`,
      }));
    }),
  );
}
