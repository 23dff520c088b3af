import { adfsSaml } from './adfs.preset.js';
import { entraOidc, entraSaml } from './entra.preset.js';
import { githubOauth2 } from './github.preset.js';
import { googleOidc, googleSaml } from './google.preset.js';
import { jumpcloudSaml } from './jumpcloud.preset.js';
import { keycloakOidc, keycloakSaml } from './keycloak.preset.js';
import { oktaOidc, oktaSaml } from './okta.preset.js';
import { oneloginOidc, oneloginSaml } from './onelogin.preset.js';
import { pingOidc, pingSaml } from './ping.preset.js';
import type { Preset } from './preset.js';
import { shibbolethSaml } from './shibboleth.preset.js';

/** Every preset, by name. */
export const PRESETS: readonly Preset[] = [
  adfsSaml,
  entraOidc,
  entraSaml,
  githubOauth2,
  googleOidc,
  googleSaml,
  jumpcloudSaml,
  keycloakOidc,
  keycloakSaml,
  oktaOidc,
  oktaSaml,
  oneloginOidc,
  oneloginSaml,
  pingOidc,
  pingSaml,
  shibbolethSaml,
];

/** Names of all presets, sorted. */
export const PRESET_NAMES: readonly string[] = PRESETS.map(({ name }) => name).sort();

const byName = new Map(PRESETS.map((preset) => [preset.name, preset]));

/** A preset by its name; undefined when there is none. */
export const findPreset = (name: string): Preset | undefined => byName.get(name);
