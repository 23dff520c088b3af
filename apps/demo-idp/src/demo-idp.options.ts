import { BaseUrlError, NotLoopbackError } from './demo-idp.errors.js';

/** Where the routes live below the server's root. */
export const BASE_PATH = '/demo-idp';

/** An application that signs people in here. Only these are answered, and only at this address. */
export interface ServiceProvider {
  readonly acsUrl: string;
  readonly spEntityId: string;
}

export interface DemoIdpOptions {
  /** Address of the demo as browsers see it, such as `http://127.0.0.1:3000/demo-idp`; loopback only. */
  readonly baseUrl: string;
  /** Folder for the key, which is made once in `demo-idp/` below it. */
  readonly dataDir: string;
  readonly clock: { now(): Date };
  readonly serviceProviders: readonly ServiceProvider[];
}

/** The addresses that follow from the base address; the entity id is where the metadata is. */
export function addresses({ baseUrl }: Pick<DemoIdpOptions, 'baseUrl'>): { idpEntityId: string; ssoUrl: string } {
  return { idpEntityId: `${baseUrl}/metadata`, ssoUrl: `${baseUrl}/sso` };
}

/**
 * Refuses a base address that is not on this machine's loopback interface or cannot carry the routes.
 * @throws {NotLoopbackError | BaseUrlError}
 */
export function refuseOutsideLoopback({ baseUrl }: Pick<DemoIdpOptions, 'baseUrl'>): void {
  if (!URL.canParse(baseUrl)) throw new BaseUrlError();
  const { protocol, hostname, origin } = new URL(baseUrl);
  if (!isLoopback(hostname)) throw new NotLoopbackError(hostname);
  const plain = protocol === 'http:' || protocol === 'https:';
  if (!plain || baseUrl !== `${origin}${BASE_PATH}`) throw new BaseUrlError();
}

// The URL parser has already turned every spelling of an IPv4 address into four decimal numbers.
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
