export type { FakeBehaviour, FakeClient, FakePerson } from './behaviour.js';
export { type FakeGraph, startFakeGraph } from './fake-graph.js';
export { FakeOpenIdProvider, type FakeOpenIdProviderOptions } from './fake-provider.js';
export {
  base64url,
  createSigningKey,
  type FakeSigningKey,
  signText,
  signToken,
  type UnsignedToken,
} from './signing-key.js';
