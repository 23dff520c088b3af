import type { RuleCondition } from '#libs/contracts';
import type { ConnectionConfiguration } from './configuration.schema.js';
import type { Report } from './yaml-text.js';

/** What a connection may refer to. */
export interface Surroundings {
  readonly directories: ReadonlySet<string>;
  readonly roles: ReadonlySet<string>;
}

const PROTOCOLS = ['saml', 'oidc', 'oauth2', 'jwt'] as const;

/** Where each protocol says who a person is; SAML has no place of its own for it. */
const SUBJECT_SAID_BY = {
  oidc: 'oidc.identifyBy names the claim of the signed token',
  oauth2: 'oauth2.subject names the claim of the profile',
  jwt: 'an assertion names a person by sub',
} as const;

/** Ends of names of claims that people change, or that pass to somebody else. */
const PASSES_ON =
  /(^|\.)(e?mail|(e?mail|mail)address|login|((preferred)?user|screen|display|nick)?name|nick|handle|slug|upn|phone|phonenumber|mobile)$/;

/** Checks of a connection what one key alone cannot show: references (unless `surroundings` is null), and keys that contradict each other. */
export function checkConnection(
  connection: ConnectionConfiguration,
  surroundings: Surroundings | null,
  report: Report,
): void {
  if (surroundings && !surroundings.directories.has(connection.directory))
    report(['directory'], `${connection.directory} is not a directory of this tenant`);
  if (connection.attributes['userName'] == null) report(['attributes'], 'must map userName: every account needs one');
  checkProtocol(connection, report);
  checkRules(connection, surroundings, report);
  checkAdmission(connection, report);
}

/** The protocol's own keys are there, and no others. */
function checkProtocol(connection: ConnectionConfiguration, report: Report): void {
  const { protocol, signals, subject } = connection;
  for (const name of PROTOCOLS) {
    if (name === protocol && connection[name] === null) report([], `needs ${name}: its protocol is ${protocol}`);
    if (name !== protocol && connection[name] !== null)
      report([name], `has no place here: the protocol is ${protocol}`);
  }
  if (subject !== 'nameId' && protocol !== 'saml') report(['subject'], `must be nameId: ${SUBJECT_SAID_BY[protocol]}`);
  if (connection.saml) checkSaml(connection.saml, (path, problem) => report(['saml', ...path], problem));
  if (connection.oidc) checkOidc(connection.oidc, (path, problem) => report(['oidc', ...path], problem));
  const named = connection.oauth2?.subject;
  if (named && PASSES_ON.test(named.toLowerCase().replace(/[_-]/g, '')))
    report(['oauth2', 'subject'], `${named} can pass to somebody else: name a claim that never does, such as id`);
  if (connection.oauth2?.emailVerified != null && connection.oauth2.email === null)
    report(['oauth2', 'emailVerified'], 'needs email: what is verified must be named');
  if (signals && (signals.issuer === null) !== (signals.jwksUri === null))
    report(['signals'], 'needs issuer and jwksUri together');
  if (signals?.issuer && signals.audiences.length === 0)
    report(['signals', 'audiences'], 'must not be empty: a token for anybody is for nobody');
}

function checkSaml(saml: NonNullable<ConnectionConfiguration['saml']>, report: Report): void {
  const { metadata, metadataFile, idpEntityId, ssoUrl, certificates } = saml;
  if (metadata !== null && metadataFile !== null)
    report(['metadataFile'], 'has no place beside metadataUrl: one of them says it');
  if (metadata !== null || metadataFile !== null) {
    if (ssoUrl !== null) report(['ssoUrl'], 'has no place beside metadata, which says it');
    if (certificates.length > 0) report(['certificates'], 'has no place beside metadata, which says them');
    return;
  }
  if (idpEntityId === null) report(['idpEntityId'], 'is missing (or metadataUrl, or metadataFile)');
  if (ssoUrl === null) report(['ssoUrl'], 'is missing (or metadataUrl, or metadataFile)');
  if (certificates.length === 0) report(['certificates'], 'must not be empty');
}

function checkOidc(oidc: NonNullable<ConnectionConfiguration['oidc']>, report: Report): void {
  const { issuer, tenants, scopes, tokenEndpointAuthMethod: method, clientSecret } = oidc;
  const isTemplate = issuer.includes('{tenantid}');
  if (isTemplate && tenants.length === 0)
    report(['tenants'], 'must name those that may come in: the issuer is one for all tenants');
  if (!scopes.includes('openid')) report(['scopes'], 'must contain openid');
  const needsSecret = method === 'client_secret_basic' || method === 'client_secret_post';
  if (needsSecret && clientSecret === null) report(['clientSecret'], `is missing: the method is ${method}`);
  if (!needsSecret && clientSecret !== null) report(['clientSecret'], `has no place here: the method is ${method}`);
}

function checkRules(
  { rules, attributes }: ConnectionConfiguration,
  surroundings: Surroundings | null,
  report: Report,
): void {
  unique(rules, ['rules'], report);
  rules.forEach(({ when, grant, set, directory, refuse }, index) => {
    const at = ['rules', index];
    grant.forEach((role, number) => {
      if (surroundings && !surroundings.roles.has(role))
        report([...at, 'grant', number], `${role} is not a role of this tenant`);
    });
    if (surroundings && directory !== null && !surroundings.directories.has(directory))
      report([...at, 'directory'], `${directory} is not a directory of this tenant`);
    if (grant.length === 0 && Object.keys(set).length === 0 && directory === null && !refuse)
      report(at, 'does nothing: it needs one of grant, set, directory, refuse');
    checkCondition(when, attributes, (inside, problem) => report([...at, 'when', ...inside], problem));
  });
}

function checkAdmission({ admission, attributes }: ConnectionConfiguration, report: Report): void {
  for (const kind of ['allow', 'refuse'] as const) {
    unique(admission[kind], ['admission', kind], report);
    admission[kind].forEach(({ when }, index) => {
      checkCondition(when, attributes, (inside, problem) =>
        report(['admission', kind, index, 'when', ...inside], problem),
      );
    });
  }
}

/** A condition can only look at attributes that the connection maps. */
function checkCondition(when: RuleCondition, mapped: ConnectionConfiguration['attributes'], report: Report): void {
  if (when === 'always') return;
  if ('attribute' in when) {
    if (mapped[when.attribute] == null && when.attribute !== 'displayName')
      report(['attribute'], `${when.attribute} is not an attribute that the connection maps`);
    return;
  }
  if ('not' in when) {
    checkCondition(when.not, mapped, (inside, problem) => report(['not', ...inside], problem));
    return;
  }
  const [kind, parts] =
    'all' in when ? (['all', when.all] as const) : 'any' in when ? (['any', when.any] as const) : ['', []];
  parts.forEach((part, index) => {
    checkCondition(part, mapped, (inside, problem) => report([kind, index, ...inside], problem));
  });
}

/** Reports ids that are there twice. */
export function unique(items: readonly { readonly id: string }[], path: readonly PropertyKey[], report: Report): void {
  const seen = new Set<string>();
  items.forEach(({ id }, index) => {
    if (seen.has(id)) report([...path, index, 'id'], `${id} is there twice`);
    seen.add(id);
  });
}
