import { v5 as uuidv5 } from 'uuid';
import type { SignedIn } from '#libs/contracts';
import {
  type ConnectionSnapshot,
  mapIdentity,
  type PresentedIdentity,
  preventiveRulesFrom,
  toClaimList,
} from '#libs/domain';
import { streamName, system } from '#libs/kernel';
import type { GovernanceServer } from '../governance-server.fixture.js';

const NAMESPACE = '5d1c8a44-0d0e-4c1a-9d53-2f6b7b9a4e10';

/** Lets somebody in for the first time, as the gate does: the sign-in is recorded, then the account decides upon it. @returns account and event */
export async function comesIn(server: GovernanceServer, userName: string, groups: readonly string[]) {
  const catalog = await server.catalog.current();
  const { settings, version = 1 } = catalog.connection('okta') ?? {};
  if (!settings) throw new Error('There is no connection okta.');
  const connection: ConnectionSnapshot = { id: 'okta', version, settings, ownedDomains: settings.domains };
  const said = presentedBy(userName, groups);
  const account = server.acme.accountOf(userName);
  const evidence = await record(server, account, said);
  const data = {
    account,
    found: 'new',
    connection,
    issuer: settings.saml?.idpEntityId ?? '',
    identity: mapIdentity(settings, said, connection.ownedDomains),
    claims: said.claims,
    liveRoles: catalog.liveRoles('acme'),
    authority: {},
    sod: preventiveRulesFrom(catalog, { tenant: 'acme', account, now: server.clock.now().toISOString() }),
    evidence,
  } as const;
  await server.acme.run(userName, { type: 'SignIn', data }, `${userName} comes in`);
  return { account, evidence };
}

/** Writes a sign-in down. @returns id of its event */
export async function record(server: GovernanceServer, account: string, said: PresentedIdentity, nth = 1) {
  const id = uuidv5(`${account}/${nth}`, NAMESPACE);
  const stream = streamName({ category: 'signIn', tenant: 'acme', id });
  const metadata = { actor: system('test'), commandId: id, commandDigest: '', correlationId: id };
  const recordedAt = server.clock.now().toISOString();
  const data = signInData(account, said, id);
  const draft = { id, type: 'SignedIn', stream, recordedAt, metadata, data };
  await server.path.store.append(stream, -1, await server.path.codec.encode([draft as never]));
  return id;
}

/** What the identity provider of the sample connection says. */
export const presentedBy = (userName: string, groups: readonly string[]): PresentedIdentity => ({
  subject: { value: `${userName}@acme.example`, format: null },
  claims: new Map<string, readonly string[]>([
    ['email', [`${userName}@acme.example`]],
    ['groups', groups],
  ]),
  authentication: { context: 'urn:oasis:names:tc:SAML:2.0:ac:classes:Password', methods: [] },
  groupsOverage: false,
});

function signInData(
  account: string,
  { subject, claims, authentication }: PresentedIdentity,
  id: string,
): SignedIn['data'] {
  return {
    account,
    connection: 'okta',
    connectionVersion: 1,
    protocol: 'saml',
    directory: 'staff',
    subject: subject.value,
    proof: {
      issuer: 'http://idp.example/okta',
      assertionId: `_${id}`,
      certificateSha256: 'a'.repeat(64),
      assertionSha256: 'b'.repeat(64),
      authnInstant: null,
      authnContext: authentication.context,
      amr: [...authentication.methods],
      nameIdFormat: null,
      sessionIndex: null,
      initiatedBy: 'sp',
    },
    sessionNotOnOrAfter: null,
    claims: toClaimList(claims),
    groups: 'known',
    judgements: [],
    client: { address: '192.0.2.10', userAgent: 'Browser of a test' },
    softwareVersion: '0.1.0',
  };
}

/** Every row of the read model as one text, table by table. */
export async function readModelDigest({ database }: GovernanceServer): Promise<Record<string, string>> {
  const { rows } = await database.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'read_model' order by 1`,
  );
  const digests: Record<string, string> = {};
  for (const { name } of rows) {
    const found = await database.query<{ digest: string | null }>(
      `select md5(string_agg(t::text, '|' order by t::text)) as digest from read_model.${name} t`,
    );
    digests[name] = found.rows[0]?.digest ?? '';
  }
  return digests;
}
