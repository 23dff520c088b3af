/** The sample company for a cluster in which nothing is configured, as `npm start` has it: its configuration, and its identity provider as a process. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../pinned-node.mjs';
import { SetUpError } from '../set-up-error.mjs';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]', '::1']);

/** Whether nothing was set that would make this an installation. */
export function isDemo({ GATEBOOK_CONFIG, DATABASE_URL, EVENT_STORE_URL }, publicUrl) {
  return !GATEBOOK_CONFIG && !DATABASE_URL && !EVENT_STORE_URL && LOOPBACK.has(new URL(publicUrl).hostname);
}

/** @throws {SetUpError} where the demo, in which anyone can sign in as anyone, would be shown to the network */
export function refuseOutsideLoopback(host) {
  if (LOOPBACK.has(host) || host.startsWith('127.')) return;
  throw new SetUpError(
    'HOST would show the demo, where anyone can sign in as anyone, to the network. Set GATEBOOK_CONFIG, or leave HOST on loopback.',
  );
}

/** The demo identity provider answers behind the front, on its other loopback name: for browsers that is another site, as a real one is. */
export function demoIdpUrl(publicUrl, port) {
  const other = new URL(publicUrl).hostname === 'localhost' ? '127.0.0.1' : 'localhost';
  return `http://${other}:${port}/demo-idp`;
}

/** Writes the demo's configuration with the identity provider's own key and addresses, and answers where it lies. */
export async function writeDemoConfiguration({ folder, baseUrl }) {
  const { demoIdpSettings } = await import(new URL('../../dist/apps/demo-idp/src/index.js', import.meta.url).href);
  const settings = await demoIdpSettings({ baseUrl, dataDir: folder, clock: { now: () => new Date() } });
  const values = {
    DEMO_IDP_ENTITY_ID: settings.idpEntityId,
    DEMO_IDP_SSO_URL: settings.ssoUrl,
    DEMO_IDP_CERTIFICATE: settings.certificatePem,
  };
  const template = readFileSync(`${ROOT}dist/apps/all/src/demo.yaml`, 'utf8');
  // Text in JSON is text in YAML.
  const text = template.replaceAll(/"?env:(DEMO_IDP_\w+)"?/g, (_, name) => JSON.stringify(values[name]));
  const file = join(folder, 'demo.yaml');
  writeFileSync(file, text);
  return file;
}
