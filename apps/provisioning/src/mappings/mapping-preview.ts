import { Inject, Injectable } from '@nestjs/common';
import { v5 as uuidv5 } from 'uuid';
import type { Catalog, InTenant } from '#libs/catalog';
import { mergePatch, type PreviewedRefusal, previewIdentity, SingleChanges } from '#libs/configuration';
import type { ConnectionSettings, Profile } from '#libs/contracts';
import {
  type AccountState,
  accountDecider,
  ConnectionNotFoundError,
  type ConnectionState,
  type MappedIdentity,
  mapIdentity,
  mayCreateAccounts,
  mayLink,
  NO_ACCOUNT,
  ownedDomains,
  preventiveRulesFrom,
  rolesHeld,
  type SignIn,
  SignInRefusedError,
  strangerRefused,
} from '#libs/domain';
import { readAggregate } from '#libs/event-store';
import type { IdentityKeys } from '#libs/identity';
import { type CommandMetadata, DomainError, type RecordedEvent, streamName } from '#libs/kernel';
import { CATALOG, CLOCK, type Clock, IDENTITY_KEYS, WRITE_PATH, type WritePath } from '#libs/platform';
import { asSent } from '../connections/connection-writes.js';
import type { MappingPreviewDto, MappingPreviewResultDto, PreviewPersonDto } from './mapping-preview.dto.js';
import { PeopleOfPreviews, type Presented } from './presented-people.js';

/** Namespace of the ids of things that are never made (uuid v5). */
const NEVER_MADE = '8d0d6c4e-3c0f-5b1e-9a37-6f1f0f6c2b90';

/** A connection as it would be, and what a sign-in through it depends on besides. */
interface Proposed {
  readonly state: InTenant<ConnectionState>;
  readonly settings: ConnectionSettings;
  readonly ownedDomains: readonly string[];
  readonly liveRoles: ReadonlySet<string>;
}

/** Which account a person is, and how that is known. */
interface Whose {
  readonly account: string;
  readonly found: SignIn['data']['found'];
}

/** Says what sign-ins would come to under a mapping that is not in force, by the deciders of real ones. Records nothing, claims nothing. */
@Injectable()
export class MappingPreview {
  constructor(
    private readonly changes: SingleChanges,
    private readonly presented: PeopleOfPreviews,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(IDENTITY_KEYS) private readonly keys: IdentityKeys,
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async of(state: InTenant<ConnectionState>, body: MappingPreviewDto): Promise<MappingPreviewResultDto> {
    const proposed = await this.#proposed(state, body.settings ?? {});
    const { source, verification, people } = await this.presented.of(body, state, proposed.settings);
    const previewed: PreviewPersonDto[] = [];
    for (const person of people) previewed.push(await this.#person(person, proposed));
    return { source, verification, people: previewed };
  }

  async #proposed(state: InTenant<ConnectionState>, patch: Readonly<Record<string, unknown>>): Promise<Proposed> {
    const { tenant } = state;
    const after = Object.keys(patch).length === 0 ? state : await this.#after(state, patch);
    if (after.settings === null) throw new ConnectionNotFoundError();
    const liveRoles = (await this.catalog.current()).liveRoles(tenant);
    return { state, settings: after.settings, ownedDomains: ownedDomains(after), liveRoles };
  }

  async #after(state: InTenant<ConnectionState>, patch: Readonly<Record<string, unknown>>): Promise<ConnectionState> {
    if (state.written === null) throw new ConnectionNotFoundError();
    const { tenant, id, enabled } = state;
    const patched = mergePatch(asSent(state.written), patch);
    const { settings } = await this.changes.prepare({ tenant, id, settings: patched, written: !('preset' in patch) });
    const data = { connection: id, settings, enabled, managedBy: 'api', detach: true, reason: null } as const;
    return this.changes.stateAfter(state, tenant, { type: 'ConfigureConnection', data });
  }

  async #person(presented: Presented, proposed: Proposed): Promise<PreviewPersonDto> {
    const { settings, ownedDomains, liveRoles } = proposed;
    const { identity: shown, ...preview } = previewIdentity(
      { enabled: true, settings, ownedDomains, liveRoles },
      presented.identity,
    );
    const nobody = { account: presented.account, found: null, attributes: [], rolesGained: [], rolesLost: [] };
    const about = {
      subject: shown?.subject ?? null,
      directory: shown?.directory ?? null,
      groups: preview.groups,
      judgements: preview.judgements,
    };
    if (preview.refusal !== null) return { ...nobody, ...about, refusal: preview.refusal };
    const identity = mapIdentity(settings, presented.identity, ownedDomains);
    try {
      const whose = await this.#whose(presented, identity, proposed);
      const effects = await this.#effects(whose, presented, identity, proposed);
      const account = whose.found === 'new' ? null : whose.account;
      return { account, found: whose.found, ...about, refusal: null, ...effects };
    } catch (error) {
      return { ...nobody, ...about, refusal: refusalIn(error) };
    }
  }

  async #whose(
    { account, identity: presented }: Presented,
    identity: MappedIdentity,
    { state, settings, ownedDomains }: Proposed,
  ): Promise<Whose> {
    if (account !== null) return { account, found: 'link' };
    const { linking, jit } = settings;
    const { offered, subject, emailVerified, directory } = identity;
    const text = (attribute: string) => {
      const value = offered.get(attribute);
      return typeof value === 'string' ? value : undefined;
    };
    const email = text('email');
    const found = await this.keys.lookUp({
      tenant: state.tenant,
      directory,
      connection: state.id,
      subject,
      linking: mayLink(settings, identity, ownedDomains) ? linking : 'none',
      userName: text('userName'),
      externalId: text('externalId'),
      verifiedEmail: emailVerified ? email : undefined,
      unverifiedEmail: emailVerified ? undefined : email,
      update: jit.update,
      proposedAccountId: uuidv5(`account/${presented.subject.value}`, NEVER_MADE),
      commandId: uuidv5(`command/${presented.subject.value}`, NEVER_MADE),
      mayCreate: mayCreateAccounts(settings),
    });
    if (found.how === 'none') throw strangerRefused(settings);
    if (found.how !== 'linked-by-rule') return { account: found.accountId, found: found.how };
    return { account: found.accountId, found: linking === 'none' ? 'link' : linking };
  }

  async #effects(
    { account, found }: Whose,
    { identity: presented, issuer }: Presented,
    identity: MappedIdentity,
    { state, settings, ownedDomains, liveRoles }: Proposed,
  ): Promise<Pick<PreviewPersonDto, 'attributes' | 'rolesGained' | 'rolesLost'>> {
    const { tenant, id, version } = state;
    const stream = streamName({ category: 'account', tenant, id: account });
    const before =
      found === 'new' ? NO_ACCOUNT : (await readAggregate<AccountState>(this.path, stream, accountDecider)).state;
    const catalog = await this.catalog.current();
    const { directories = [] } = catalog.tenant(tenant)?.settings ?? {};
    const home = before.exists ? before.directory : identity.directory;
    const metadata = dryRun(tenant, this.clock.now().toISOString());
    const events = accountDecider.decide(
      {
        type: 'SignIn',
        data: {
          account,
          found,
          connection: { id, version: version + 1, settings, ownedDomains },
          issuer,
          identity,
          claims: presented.claims,
          liveRoles,
          authority: directories.find((directory) => directory.id === home)?.authority ?? {},
          sod: preventiveRulesFrom(catalog, { tenant, account, now: metadata.now }),
          evidence: uuidv5('evidence', NEVER_MADE),
        },
        metadata,
      },
      before,
    );
    const after = events.reduce(
      (folded, event, index) => accountDecider.evolve(folded, { ...event, ...recorded(stream, index, metadata) }),
      before,
    );
    return differences(before, after, metadata.now);
  }
}

function differences(before: AccountState, after: AccountState, now: string) {
  const [had, has] = [new Set(rolesHeld(before, now)), new Set(rolesHeld(after, now))];
  return {
    attributes: changedAttributes(before.profile, after.profile),
    rolesGained: [...has].filter((role) => !had.has(role)).sort(),
    rolesLost: [...had].filter((role) => !has.has(role)).sort(),
  };
}

function changedAttributes(before: Profile | null, after: Profile | null): PreviewPersonDto['attributes'] {
  const [was, is] = [flat(before), flat(after)];
  const names = new Set([...was.keys(), ...is.keys()]);
  return [...names]
    .map((attribute) => ({ attribute, before: was.get(attribute) ?? null, after: is.get(attribute) ?? null }))
    .filter((change) => JSON.stringify(change.before) !== JSON.stringify(change.after))
    .sort((a, b) => (a.attribute < b.attribute ? -1 : 1));
}

function flat(profile: Profile | null): Map<string, unknown> {
  if (profile === null) return new Map();
  const { attributes, ...standard } = profile;
  return new Map<string, unknown>([...Object.entries(standard), ...Object.entries(attributes)]);
}

function refusalIn(error: unknown): PreviewedRefusal {
  if (error instanceof SignInRefusedError) return { code: error.code, message: error.message, rule: error.rule };
  if (error instanceof DomainError && error.kind !== 'unavailable')
    return { code: error.code, message: error.message, rule: null };
  throw error;
}

function recorded(stream: string, revision: number, metadata: CommandMetadata): Omit<RecordedEvent, 'type' | 'data'> {
  const { tenant, now, deriveId: _ids, ...rest } = metadata;
  return {
    id: uuidv5(`event/${revision}`, NEVER_MADE),
    stream,
    revision,
    tenant,
    schemaVersion: 1,
    recordedAt: now,
    metadata: rest,
  };
}

/** A preview needs no real command: nothing of it is recorded. */
function dryRun(tenant: string, now: string): CommandMetadata {
  const actor = { kind: 'system', id: 'preview' } as const;
  const commandId = uuidv5('command', NEVER_MADE);
  return {
    tenant,
    actor,
    commandId,
    commandDigest: '',
    correlationId: '',
    now,
    deriveId: (name) => uuidv5(name, NEVER_MADE),
  };
}
