/** Behind a front that routes by path, every route of every server is found: the table and the controllers say the same. */
import { existsSync, readdirSync } from 'node:fs';
import { type DynamicModule, RequestMethod, type Type } from '@nestjs/common';
import { type Home, homeOf, ROUTES } from '#libs/platform';
import { AuditModule } from '../../audit/src/audit.module.js';
import { GateModule } from '../../gate/src/gate.module.js';
import { GovernanceModule } from '../../governance/src/governance.module.js';
import { ProvisioningModule } from '../../provisioning/src/provisioning.module.js';

const SERVERS: Partial<Record<Home, Type>> = {
  gate: GateModule,
  provisioning: ProvisioningModule,
  governance: GovernanceModule,
  audit: AuditModule,
};

interface FoundRoute {
  readonly home: string;
  readonly address: string;
  readonly path: string;
}

const routes: FoundRoute[] = Object.entries(SERVERS).flatMap(([home, module]) =>
  controllersOf(module).flatMap((controller) => routesOf(controller).map((route) => ({ home, ...route }))),
);

describe('every route of every server', () => {
  it('is looked at', () => {
    const seen = routes.map(({ address }) => address);
    expect(seen).toEqual(expect.arrayContaining(['POST /saml/:connection/acs', 'GET /api/v1/access/:grant/why']));
  });

  it('leads to its home', () => {
    const strayed = routes.filter(({ home, path }) => homeOf(path) !== home);
    expect(strayed.map(({ home, address }) => `${address} of ${home}`)).toEqual([]);
  });

  it('of a server that is missing from this test would be noticed', () => {
    const withTable = [...new Set(ROUTES.map(({ home }) => home))].filter((home) => existsSync(`apps/${home}`));
    expect(withTable.sort()).toEqual(Object.keys(SERVERS).sort());
    const others = readdirSync('apps').filter((app) => !(app in SERVERS) && hasControllers(app));
    expect(others).toEqual(['demo-idp']);
  });
});

function hasControllers(app: string): boolean {
  return readdirSync(`apps/${app}`, { recursive: true }).some((file) => String(file).endsWith('.controller.ts'));
}

function controllersOf(module: Type | DynamicModule, seen = new Set<unknown>()): Type[] {
  if (seen.has(module)) return [];
  seen.add(module);
  const type = 'module' in module ? module.module : module;
  const listed = (key: 'controllers' | 'imports'): unknown[] => [
    ...((Reflect.getMetadata(key, type) as unknown[] | undefined) ?? []),
    ...('module' in module ? ((module[key] as unknown[] | undefined) ?? []) : []),
  ];
  const inner = listed('imports').flatMap((imported) => controllersOf(imported as Type, seen));
  return [...(listed('controllers') as Type[]), ...inner];
}

function routesOf(controller: Type): Omit<FoundRoute, 'home'>[] {
  const base = String(Reflect.getMetadata('path', controller) ?? '');
  const handlers = Object.getOwnPropertyNames(controller.prototype).map((name) => controller.prototype[name] as object);
  return handlers.flatMap((handler) => {
    const method = Reflect.getMetadata('method', handler) as RequestMethod | undefined;
    if (method === undefined) return [];
    const path = `/${base}/${String(Reflect.getMetadata('path', handler))}`
      .replace(/\/+/g, '/')
      .replace(/(?<=.)\/$/, '');
    return [{ path, address: `${RequestMethod[method]} ${path}` }];
  });
}
