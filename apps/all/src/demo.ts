import { readFileSync } from 'node:fs';
import { type Configuration, readConfiguration } from '#libs/configuration';
import type { Environment } from '#libs/platform';
import { demoIdpSettings } from '../../demo-idp/src/index.js';

/** The demo identity provider answers on another site than Gatebook, as a real one does: browsers then treat cookies as they would there. */
export function demoIdpUrl({ port, publicUrl }: Environment): string {
  const other = new URL(publicUrl).hostname === 'localhost' ? '127.0.0.1' : 'localhost';
  return `http://${other}:${port}/demo-idp`;
}

/** The demo's configuration, with the demo identity provider's own key and addresses. */
export async function demoConfiguration(environment: Environment, clock: { now(): Date }): Promise<Configuration> {
  const { dataDir } = environment;
  const { idpEntityId, ssoUrl, certificatePem } = await demoIdpSettings({
    baseUrl: demoIdpUrl(environment),
    dataDir,
    clock,
  });
  const known: Readonly<Record<string, string>> = {
    'env:DEMO_IDP_ENTITY_ID': idpEntityId,
    'env:DEMO_IDP_SSO_URL': ssoUrl,
    'env:DEMO_IDP_CERTIFICATE': certificatePem,
  };
  const text = readFileSync(new URL('./demo.yaml', import.meta.url), 'utf8');
  return readConfiguration(text, { resolve: (reference) => known[reference] ?? reference });
}
