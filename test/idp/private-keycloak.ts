import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { dataFolder } from '../support/started-server.js';

const ROOT = resolve(__dirname, '../..');
const TOOL = './tools/keycloak/keycloak.mjs';

/** A real Keycloak for tests; `tools/keycloak/keycloak.mjs` says more. */
export interface PrivateKeycloak {
  /** Without a slash at the end. */
  readonly url: string;
  /** Asks its administration, such as `/realms/acme/users`. @throws unless the answer is a success */
  admin(path: string, init?: RequestInit): Promise<Response>;
  stop(): Promise<void>;
}

interface KeycloakTool {
  startKeycloak(options: { folder: string; realms: readonly object[] }): Promise<PrivateKeycloak>;
}

/** Why there is no Keycloak here, after trying to fetch it; undefined when there is one. Waits: tests are declared at once or not at all. */
export function whyNoKeycloak(): string | undefined {
  const asked = spawnSync(process.execPath, [TOOL, 'why-not'], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (asked.status !== 0) throw new Error('Whether there can be a Keycloak here could not be told; see above.');
  return asked.stdout.trim() || undefined;
}

/** Starts a Keycloak that ends with the test process, however that ends. @throws when `whyNoKeycloak` has a reason */
export function startPrivateKeycloak(...realms: readonly object[]): Promise<PrivateKeycloak> {
  const tool = createRequire(join(ROOT, 'package.json'))(TOOL) as KeycloakTool;
  return tool.startKeycloak({ folder: dataFolder(), realms });
}
