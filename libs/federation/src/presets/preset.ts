import type { ConnectionSettings, Expression } from '#libs/contracts';

type Some<T> = T extends null ? never : { readonly [K in keyof T]?: T[K] };

/** Settings of a connection that follow from its provider; whoever sets one up may say otherwise, key by key. */
export interface PresetSettings
  extends Partial<Pick<ConnectionSettings, 'subject' | 'linking' | 'trustEmail' | 'authenticationContexts'>> {
  readonly saml?: Some<ConnectionSettings['saml']>;
  readonly oidc?: Some<ConnectionSettings['oidc']>;
  readonly oauth2?: Some<ConnectionSettings['oauth2']>;
  readonly attributes: Readonly<Record<string, Expression>>;
  readonly groups?: Some<ConnectionSettings['groups']>;
}

/** One screen of a provider's administration, and what to enter there. */
export interface PresetScreen {
  readonly title: string;
  /**
   * In the provider's own words for its fields. `{acsUrl}`, `{entityId}`, `{metadataUrl}`, `{redirectUri}` and `{logoutUri}` stand for the
   * connection's own addresses.
   */
  readonly steps: readonly string[];
}

/** What is known of a provider before anybody has said anything about it. */
export interface Preset {
  /** As the configuration calls it, such as `okta-saml`. */
  readonly name: string;
  /** As people call the provider. */
  readonly title: string;
  readonly protocol: 'saml' | 'oidc' | 'oauth2';
  readonly settings: PresetSettings;
  readonly screens: readonly PresetScreen[];
  /** Sentences: what goes wrong with this provider, and what to do about it. */
  readonly traps: readonly string[];
}
