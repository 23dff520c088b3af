import { v5 as uuidv5 } from 'uuid';
import type { FindingKind, Profile, SignedIn, UserProvisioned } from '#libs/contracts';
import { eventId } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import { type FindingRecord, findFindings } from '#libs/read-model';
import type { GovernanceServer } from '../governance-server.fixture.js';
import { FindingsScan } from './findings-scan.js';

const NAMESPACE = '4d6b5c1e-9e4c-4a8d-8a8e-3a0c5fd1b7a2';

/** One day, milliseconds. */
export const DAY = 86_400_000;

/** A policy that watches one kind; what matters to a test is said over it. */
export const watching = <K extends FindingKind>(kind: K, over: object = {}) =>
  ({ kind, after: null, action: 'finding', maxPerRun: 100, owner: null, ...over }) as never;

/** Writes events of one stream down as a server would have, at the time of the test's clock. @returns their ids */
export async function recorded(
  { path }: GovernanceServer,
  { category, id, from = 0 }: { readonly category: string; readonly id: string; readonly from?: number },
  ...events: readonly { readonly type: string; readonly data: object }[]
): Promise<string[]> {
  const stream = streamName({ category, tenant: 'acme', id });
  const commandId = uuidv5(JSON.stringify([stream, from]), NAMESPACE);
  const actor = { kind: 'system', id: 'test' } as const;
  const metadata = { actor, commandId, commandDigest: '', correlationId: commandId };
  const recordedAt = path.clock.now().toISOString();
  const inClear = events.map(({ type, data }, index) => ({
    id: eventId({ commandId, tenant: 'acme' } as never, stream, index),
    type,
    data: data as never,
    stream,
    recordedAt,
    metadata,
  }));
  await path.store.append(stream, from - 1, await path.codec.encode(inClear));
  return inClear.map(({ id }) => id);
}

/** What a sign-in says in a test. */
export interface SampleSignIn {
  readonly connection?: string;
  readonly groups?: 'known' | 'unknown';
  readonly certificate?: string;
  readonly context?: string | null;
}

/** Somebody signs in. @returns id of the evidence */
export async function signsIn(
  server: GovernanceServer,
  account: string,
  nth: number,
  { connection = 'okta', groups = 'known', certificate = 'a', context = null }: SampleSignIn = {},
): Promise<string> {
  const data: SignedIn['data'] = {
    account,
    connection,
    connectionVersion: 1,
    protocol: 'saml',
    directory: 'staff',
    subject: account,
    proof: {
      issuer: 'https://idp.example',
      assertionId: `_${nth}`,
      certificateSha256: certificate.padStart(64, '0'),
      assertionSha256: '0'.repeat(64),
      authnInstant: null,
      authnContext: context,
      amr: [],
      nameIdFormat: null,
      sessionIndex: null,
      initiatedBy: 'sp',
    },
    sessionNotOnOrAfter: null,
    claims: [],
    groups,
    judgements: [],
    client: { address: '192.0.2.1', userAgent: 'test' },
    softwareVersion: 'test',
  };
  const [id] = await recorded(
    server,
    { category: 'signIn', id: uuidv5(`${account} ${nth}`, NAMESPACE) },
    { type: 'SignedIn', data },
  );
  return id as string;
}

/** Somebody comes through a connection for the first time, and is given roles by it. @returns the account */
export async function comes(
  server: GovernanceServer,
  userName: string,
  {
    email = `${userName}@acme.example`,
    manager = null,
    roles = [] as readonly string[],
    directory = 'staff',
    ...signIn
  }: SampleSignIn & {
    readonly email?: string;
    readonly manager?: string | null;
    readonly roles?: readonly string[];
    readonly directory?: string;
  } = {},
): Promise<string> {
  const account = uuidv5(`account ${directory === 'staff' ? '' : `${directory}/`}${userName}`, NAMESPACE);
  const connection = signIn.connection ?? 'okta';
  const evidence = await signsIn(server, account, 0, signIn);
  const profile: Profile = { ...NOBODY, userName, email, manager };
  const source = {
    kind: 'signIn',
    connection,
    connectionVersion: 1,
    protocol: 'saml',
    issuer: 'https://idp.example',
  } as const;
  const provisioned: UserProvisioned['data'] = {
    account,
    directory,
    kind: 'person',
    sponsor: null,
    expiresAt: null,
    source,
    evidence,
    claims: null,
    ruleVersions: [],
    profile,
    emailVerified: true,
    links: [{ connection, subject: userName }],
    reason: null,
  };
  const grants = roles.map((role) => ({
    id: uuidv5(`${userName} ${role}`, NAMESPACE),
    role,
    source: { kind: 'rule', connection, connectionVersion: 1, rule: 'everyone', ruleVersion: 1, actor: null },
    effectiveAt: server.path.clock.now().toISOString(),
    until: null,
  }));
  const assigned = { account, grants, evidence, because: grants.map(() => []), reason: null };
  await recorded(
    server,
    { category: 'account', id: account },
    { type: 'UserProvisioned', data: provisioned },
    ...(roles.length > 0 ? [{ type: 'RolesAssigned', data: assigned }] : []),
  );
  return account;
}

/** A profile that says nothing. */
export const NOBODY: Profile = {
  userName: '',
  displayName: null,
  givenName: null,
  familyName: null,
  email: null,
  externalId: null,
  employeeNumber: null,
  employeeType: null,
  title: null,
  department: null,
  costCenter: null,
  manager: null,
  attributes: {},
};

/** One run of the scan over everything that was recorded, after which the read model has what it found. */
export async function scanned(server: GovernanceServer): Promise<void> {
  await server.settle();
  await server.app.get(FindingsScan, { strict: false }).run();
  await server.settle();
}

/** Findings of acme as the read model has them. */
export async function findings(
  { database, path }: GovernanceServer,
  filter: {
    readonly kind?: string;
    readonly policy?: string;
    readonly code?: string;
    readonly status?: readonly string[];
  } = {},
): Promise<readonly FindingRecord[]> {
  const now = path.clock.now().toISOString();
  return (await findFindings(database, { tenant: 'acme', now, ...filter, limit: 20_000 })).items;
}

/** Code, account and status of each, in one order. */
export const told = (found: readonly FindingRecord[]): string[] =>
  found.map(({ code, account, status }) => `${code} ${account} ${status}`).sort();
