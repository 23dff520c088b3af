import type { FactoryProvider } from '@nestjs/common';
import { type Egress, plainHttpPermitted } from '#libs/egress';
import { BearerVerifier, GraphGroups, OAuth2Client, OidcClient } from '#libs/federation';
import { EGRESS, ENVIRONMENT, type Environment } from '#libs/platform';

type Options = ConstructorParameters<typeof OidcClient>[0];

/** Every request goes through the one guard. Addresses that a browser is sent to never meet it, so plain HTTP is judged here as well, and alike. */
const optionsOf = ({ fetch }: Egress, { egressAllow }: Pick<Environment, 'egressAllow'>): Options => ({
  fetch,
  allowHttp: plainHttpPermitted(egressAllow),
});

/** A client of providers, one per process. */
export const providerClient = <Client>(provide: new (options: Options) => Client): FactoryProvider<Client> => ({
  provide,
  inject: [EGRESS, ENVIRONMENT],
  useFactory: (egress: Egress, environment: Environment) => new provide(optionsOf(egress, environment)),
});

/** Clients of the providers that people come from; one of each per process, since they remember what providers publish. */
export const PROVIDER_CLIENTS: readonly FactoryProvider[] = [
  providerClient(OidcClient),
  providerClient(OAuth2Client),
  providerClient(BearerVerifier),
  providerClient(GraphGroups),
];
