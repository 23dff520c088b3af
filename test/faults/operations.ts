import { createHash } from 'node:crypto';
import type { Response } from 'express';
import { SCOPES } from '#libs/contracts';
import type { VerifiedAssertion } from '#libs/federation';
import { AssertionReplayedError, type SignInTransaction } from '#libs/identity';
import { streamName } from '#libs/kernel';
import { type Caller, commandMetadata, type PlatformRequest, SESSION_COOKIE } from '#libs/platform';
import { signInCommandId } from '../../apps/gate/src/sign-in/sign-in.preparation.js';
import { type Node, soundNode } from './node.js';
import type { World } from './world.js';

/** Somebody of one of the two customers. */
export interface Person {
  readonly tenant: 'acme' | 'globex';
  readonly name: string;
}

/** What whoever gave a command was told, or sees for themselves. */
export interface Answer {
  /** Ids of events that the answer speaks of. */
  readonly events: readonly string[];
  /** The session that it began. */
  readonly session: string | null;
}

/** A command that is ready to be given, and given again. */
export interface Prepared {
  readonly person: Person;
  readonly commandId: string;
  /** Types of the events that it records in all, whichever way it comes through, in alphabetical order. */
  readonly records: readonly string[];
  /** Sessions that must have ended once it is acknowledged. */
  readonly ends: readonly string[];
  /** Gives the command. The same each time. */
  give(node: Node): Promise<Answer>;
}

/** What somebody does. */
export interface Operation {
  readonly name: string;
  /** Brings about what has to be there before, without any fault. */
  prepare(world: World, person: Person): Promise<Prepared>;
}

const CALLER: Caller = {
  actor: { kind: 'key', id: 'b1d7c1de-2c9b-4a55-8f0a-7a2f3f3b8f10' },
  tenant: null,
  scopes: new Set(SCOPES),
  via: 'key',
};

const connectionOf = ({ tenant }: Person) => (tenant === 'acme' ? 'corp' : 'globex-sso');

/** Everything that the sweep does to accounts. */
export const OPERATIONS: readonly Operation[] = [
  {
    name: 'a first sign-in',
    prepare: (world, person) => visit(world, person, 'first', ['crm-admins'], FIRST_SIGN_IN),
  },
  {
    name: 'a sign-in with other groups',
    async prepare(world, person) {
      const before = await came(world, person);
      const again = await visit(world, person, 'again', [], ['AccessRevoked', 'SignedIn']);
      return { ...again, ends: [before.session] };
    },
  },
  {
    name: 'a deactivation',
    async prepare(world, person) {
      const { account, session } = await came(world, person);
      const give = (node: Node, request: PlatformRequest) =>
        node.accounts.deactivate({ id: account }, { tenant: person.tenant }, REASON, request, CALLER);
      return { ...write(world, person, `deactivate ${account}`, ['UserDeactivated'], give), ends: [session] };
    },
  },
  {
    name: 'a grant by hand',
    async prepare(world, person) {
      const { account } = await came(world, person);
      const body = { role: `${person.tenant}.only`, ...REASON };
      const give = (node: Node, request: PlatformRequest) =>
        node.accounts.assign({ id: account }, { tenant: person.tenant }, body, request, CALLER);
      return write(world, person, `assign ${account}`, ['RolesAssigned'], give);
    },
  },
  {
    name: 'a revocation',
    async prepare(world, person) {
      const { account, session, grant } = await came(world, person);
      const query = { tenant: person.tenant, withhold: 'true' as const, ...REASON };
      const give = (node: Node, request: PlatformRequest) =>
        node.accounts.revoke({ id: account, grant }, query, request, CALLER);
      return { ...write(world, person, `revoke ${grant}`, ['AccessRevoked', 'RoleWithheld'], give), ends: [session] };
    },
  },
];

const FIRST_SIGN_IN = ['RolesAssigned', 'SignedIn', 'UserProvisioned'];
const REASON = { reason: 'as the sweep wants it' };

/** Gives a command until it comes through. Nothing fails any more, so that the first time must do. */
export async function insist(world: World, prepared: Prepared, node: Node): Promise<Answer> {
  try {
    return await prepared.give(node);
  } catch (error) {
    if (!(error instanceof AssertionReplayedError)) throw error;
    // the sign-in came to its end and its answer was lost: the person signs in again
    const again = await visit(world, prepared.person, `${prepared.commandId} again`, ['crm-admins'], []);
    return await again.give(node);
  }
}

/** Somebody who has an account, with what a later command needs to know of it. */
async function came(world: World, person: Person): Promise<{ account: string; session: string; grant: string }> {
  const node = soundNode(world);
  const first = await visit(world, person, 'first', ['crm-admins'], FIRST_SIGN_IN);
  const { session } = await first.give(node);
  await node.identityKeysFollower.catchUp();
  const token = session as string;
  const live = await world.engine.sessions.find(token);
  const account = live?.account as string;
  const stream = streamName({ category: 'account', tenant: person.tenant, id: account });
  const events = await world.engine.codec.decode(await world.engine.store.readStream(stream));
  const given = events.find(({ type }) => type === 'RolesAssigned')?.data as { grants: { id: string; role: string }[] };
  const grant = given.grants.find(({ role }) => role === 'crm.admin')?.id as string;
  world.clock.tick();
  return { account, session: token, grant };
}

/** A browser that comes back from the identity provider with an answer. It posts the same answer as often as it likes. */
async function visit(
  { engine, clock }: World,
  person: Person,
  occasion: string,
  groups: readonly string[],
  records: readonly string[],
): Promise<Prepared> {
  const connection = connectionOf(person);
  const transaction = await engine.signInTransactions.open({ connection, returnTo: '/me' });
  const assertion = assertionOf(person, occasion, groups, clock.now());
  const commandId = signInCommandId(connection, assertion.assertionId);
  const give = async (node: Node) => {
    const response = new BrowserResponse();
    await node.saml.consume(postOf(connection, assertion, transaction), response as unknown as Response);
    const session = response.cookies.get(SESSION_COOKIE) ?? null;
    const live = session === null ? null : await engine.sessions.find(session);
    return { session, events: live?.signIn ? [live.signIn] : [] };
  };
  return { person, commandId, records, ends: [], give };
}

class BrowserResponse {
  readonly cookies = new Map<string, string>();

  cookie(name: string, value: string): void {
    this.cookies.set(name, value);
  }

  clearCookie(): void {}

  redirect(): void {}
}

function postOf(connection: string, assertion: VerifiedAssertion, transaction: SignInTransaction) {
  const headers = { 'user-agent': 'the sweep' };
  const request = { ...requestWith(headers, 'POST', `/saml/${connection}/acs`), ip: '192.0.2.7' };
  return { ...request, user: { connection, assertion, transaction } } as never;
}

const requestWith = (headers: Readonly<Record<string, string>>, method: string, path: string) => ({
  id: uuidOf(`${path} ${JSON.stringify(headers)}`),
  method,
  path,
  headers,
  get: (name: string) => headers[name],
});

function assertionOf(person: Person, occasion: string, groups: readonly string[], now: Date): VerifiedAssertion {
  const { tenant, name } = person;
  const said = `${tenant}/${name}/${occasion}`;
  return {
    assertionId: `_${sha256(said).slice(0, 32)}`,
    responseId: `_${sha256(`response ${said}`).slice(0, 32)}`,
    issuer: 'https://idp.example/metadata',
    nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
    sessionIndex: null,
    authnInstant: now.toISOString(),
    authnContext: null,
    certificateSha256: sha256('certificate'),
    assertionSha256: sha256(said),
    initiatedBy: 'sp',
    nameId: { value: `id-of-${name}`, format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent' },
    attributes: new Map([
      ['email', [`${name}@${tenant}.example`]],
      ['firstName', ['Ada']],
      ['lastName', ['Lovelace']],
      ['groups', groups],
    ]),
    friendlyNames: new Map(),
    sessionNotOnOrAfter: null,
    notOnOrAfter: new Date(now.getTime() + 300_000).toISOString(),
  };
}

type Write = (node: Node, request: PlatformRequest) => Promise<unknown>;

/** A request of an administrator, with its idempotency key. */
function write({ engine }: World, person: Person, what: string, records: readonly string[], give: Write): Prepared {
  const idempotencyKey = uuidOf(what);
  const request = requestWith({ 'idempotency-key': idempotencyKey }, 'POST', `/api/v1/accounts/${idempotencyKey}`);
  const said = { caller: CALLER, request: request as never, body: {}, idempotencyKey, tenant: person.tenant };
  return {
    person,
    records,
    ends: [],
    commandId: commandMetadata({ ...said, keyring: engine.keyring, clock: engine.clock }).commandId,
    async give(node) {
      await give(node, request as never);
      return { session: null, events: node.recorded().map(({ id }) => id) };
    },
  };
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const uuidOf = (text: string) => sha256(text).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
