import { addresses, type DemoIdpOptions, refuseOutsideLoopback } from './demo-idp.options.js';
import { loadOrCreateKey } from './key-file.js';

/** What a connection needs to trust the demo. */
export interface DemoIdpSettings {
  readonly idpEntityId: string;
  readonly ssoUrl: string;
  readonly certificatePem: string;
}

/**
 * Tells what a connection to the demo is configured with. Makes the key if this is the first start; afterwards the answer
 * stays the same for the same folder.
 * @throws {NotLoopbackError | BaseUrlError | KeyFileError}
 */
export async function demoIdpSettings(
  options: Pick<DemoIdpOptions, 'baseUrl' | 'dataDir' | 'clock'>,
): Promise<DemoIdpSettings> {
  refuseOutsideLoopback(options);
  const { certificatePem } = await loadOrCreateKey(options.dataDir, options.clock.now());
  return { ...addresses(options), certificatePem };
}
