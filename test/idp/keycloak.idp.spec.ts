import { oidcScenarios } from './oidc.scenarios.js';
import { whyNoKeycloak } from './private-keycloak.js';
import { samlScenarios } from './saml.scenarios.js';
import { samlKeysScenarios } from './saml-keys.scenarios.js';
import { startWorld, type World } from './world.js';

/** Of a busy machine; a quarter of a minute otherwise. */
const START_WITHIN_MS = 180_000;

const absent = whyNoKeycloak();
// not by the console: the runner swallows what a file says there in which every test is skipped
if (absent) process.stderr.write(`\nSKIPPED: nobody signs in through a real Keycloak: ${absent}\n\n`);

// Goal: an identity provider that we did not write signs people in and out, as its documentation and ours say.
(absent ? describe.skip : describe)('people of a real Keycloak', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  }, START_WITHIN_MS);
  afterAll(() => world?.keycloak.stop());

  samlScenarios(() => world);
  samlKeysScenarios(() => world);
  oidcScenarios(() => world); // last: it changes the key of the realm
});
