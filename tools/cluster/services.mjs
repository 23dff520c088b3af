/** Which processes a cluster consists of, and what each is told. */
import { join } from 'node:path';
import { ROOT } from '../pinned-node.mjs';

/** The young generation small, as for `npm start`: eleven processes share the machine. */
const NODE_FLAGS = ['--max-semi-space-size=4'];

/** And the old one, where reports are made: what their pages leave behind is collected before it has doubled (ADR 0019). */
const OLD_GENERATION_SMALL = '--heap-growing-percent=80';

/**
 * @typedef {object} Service
 * @property {string} name of the process, its log and its address
 * @property {string} app what it runs: `dist/apps/APP/src/main.js`
 * @property {string} [entry] runs this file instead (relative to the root)
 * @property {readonly string[]} [flags] further flags for Node
 * @property {Readonly<Record<string, string>>} [env] further variables
 */

/** The servers, in the order in which they start. Provisioning comes first: it makes the schema and applies the configuration. @type {readonly Service[]} */
export const SERVICES = [
  { name: 'provisioning', app: 'provisioning' },
  { name: 'gate', app: 'gate' },
  { name: 'relay-1', app: 'relay' },
  { name: 'relay-2', app: 'relay' },
  { name: 'projector-1', app: 'projector' },
  { name: 'projector-2', app: 'projector' },
  { name: 'governance', app: 'governance' },
  { name: 'audit', app: 'audit', flags: [OLD_GENERATION_SMALL] },
];

/** The demo's identity provider. @type {Service} */
export const DEMO_IDP = { name: 'demo-idp', app: 'demo-idp', entry: 'tools/cluster/demo-idp.mjs' };

/** One address before all of them. @type {Service} */
export const FRONT = { name: 'front', app: 'front' };

/** Command line of a service. */
export function commandOf({ app, entry = `dist/apps/${app}/src/main.js`, flags = [] }) {
  return [...NODE_FLAGS, ...flags, join(ROOT, entry)];
}

/**
 * What every server is told, from what the cluster was told and what it brought along itself.
 * @param {{ env: NodeJS.ProcessEnv, folder: string, publicUrl: string, own: Readonly<Record<string, string>> }} cluster
 */
export function sharedEnvironment({ env, folder, publicUrl, own }) {
  const keyring = env.GATEBOOK_DATA_DIR ? join(env.GATEBOOK_DATA_DIR, 'keyring.json') : join(folder, 'keyring.json');
  const trusted = ['loopback', ...(env.GATEBOOK_TRUSTED_PROXIES ?? '').split(',')].filter(Boolean);
  return {
    ...env,
    ...own,
    HOST: '127.0.0.1',
    GATEBOOK_PUBLIC_URL: publicUrl,
    GATEBOOK_TRUSTED_PROXIES: [...new Set(trusted)].join(','),
    GATEBOOK_KEYRING: env.GATEBOOK_KEYRING || `file:${keyring}`,
    GATEBOOK_DATA_DIR: env.GATEBOOK_DATA_DIR || join(folder, 'data'),
  };
}

/** What the front is told: where the others are. */
export function frontEnvironment({ env, services, ports }) {
  const { PATH, HOST, LOG_LEVEL, GATEBOOK_TRUSTED_PROXIES } = env;
  const upstreams = services.map(({ name, app }) => `${app}=http://127.0.0.1:${ports[name]}`).join(',');
  return { PATH, HOST, LOG_LEVEL, GATEBOOK_TRUSTED_PROXIES, GATEBOOK_UPSTREAMS: upstreams };
}
