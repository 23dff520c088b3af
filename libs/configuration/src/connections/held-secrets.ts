import type { ConnectionSettings } from '#libs/contracts';
import type { ConfigurationProblem } from '../configuration.errors.js';
import type { ConnectionConfiguration } from '../configuration.schema.js';
import { isFingerprint } from '../connection-secrets.js';

type Settings = Pick<ConnectionSettings, 'oidc' | 'oauth2' | 'signals'>;

/** A secret of a connection, and where it is sent. */
interface Place {
  readonly path: string;
  readonly value: string | null;
  /** Origin that the secret is sent to; null where it is only compared. */
  readonly receiver: string | null;
}

/**
 * Finds secrets that a request names by a fingerprint which it may not use. A fingerprint can be read by whoever reads connections: it stands
 * for a secret only where that secret stands already, and only as long as the secret goes to the same origin.
 * @param before the connection as recorded; null for a new one
 */
export function heldSecretProblems(
  wanted: Pick<ConnectionConfiguration, keyof Settings>,
  before: Settings | null,
): ConfigurationProblem[] {
  const held = new Map(before ? placesOf(before).map((place) => [place.path, place]) : []);
  return placesOf(wanted).flatMap(({ path, value, receiver }) => {
    if (value === null || !isFingerprint(value)) return [];
    const known = held.get(path);
    if (known?.value !== value)
      return [problem(path, 'names a secret that does not stand here: send the secret itself')];
    if (known.receiver !== receiver)
      return [problem(path, 'must be sent anew: the address that receives it is another one')];
    return [];
  });
}

function placesOf({ oidc, oauth2, signals }: Settings | Pick<ConnectionConfiguration, keyof Settings>): Place[] {
  const issuer = oidc && new URL(oidc.issuer).origin;
  return [
    { path: 'oidc.clientSecret', value: oidc?.clientSecret ?? null, receiver: issuer },
    { path: 'oidc.graph.clientSecret', value: oidc?.graph?.clientSecret ?? null, receiver: issuer },
    {
      path: 'oauth2.clientSecret',
      value: oauth2?.clientSecret ?? null,
      receiver: oauth2 && new URL(oauth2.tokenUrl).origin,
    },
    { path: 'signals.bearer', value: signals?.bearer ?? null, receiver: null },
    { path: 'signals.eventHook', value: signals?.eventHook ?? null, receiver: null },
  ];
}

const problem = (path: string, text: string): ConfigurationProblem => ({ line: null, path, problem: text });
