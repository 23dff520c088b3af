/**
 * A fake OpenID provider as a process of its own, so that what it costs is not counted with whoever asks it. It serves discovery, keys,
 * tokens and userinfo over HTTP; what a browser would do at it is asked for over the channel to the parent.
 */
import { FakeOpenIdProvider } from '#libs/testing';
import { type AuthorizationAsked, BENCHMARK_CLIENT } from './openid-provider.js';

const redirectUri = process.argv[2] ?? '';
const provider = await FakeOpenIdProvider.start({
  client: { ...BENCHMARK_CLIENT, redirectUri },
  now: () => new Date(),
});
process.on('message', ({ id, url, person }: AuthorizationAsked) => {
  provider.person = person;
  process.send?.({ id, back: provider.authorize(url).href });
});
process.on('disconnect', () => process.exit());
process.send?.({ issuer: provider.issuer });
