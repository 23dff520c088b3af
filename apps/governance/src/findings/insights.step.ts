import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { CatalogView } from '#libs/catalog';
import type { RolesAssigned, SignedIn, SignInRefused, UserProvisioned } from '#libs/contracts';
import { burstFrom, domainOf, endsQuietTime, hourOf, isBurst, isPastFirstDays, isSettled } from '#libs/domain';
import type { SealedEvent } from '#libs/kernel';
import { CLOCK, type Clock, KEYRING, type Keyring, WRITE_PATH, type WritePath } from '#libs/platform';
import { EventSteps } from '../reading/event-steps.js';
import { GovernanceCommands } from '../reading/governance-commands.js';
import { type Candidate, findingIdOf } from './candidate.js';
import { FindingRecords } from './finding-records.js';
import { type Counted, InsightMemory } from './insight-memory.js';
import { SettingsAtEvent } from './settings-at-event.js';
import { watchesOf } from './watches.js';

/** What happened longer ago is remembered and no news any more, milliseconds: 7 days. */
const NEWS_FOR_MS = 7 * 86_400_000;

/** What is counted by the hour, and what a burst of it is called. */
const BURSTS = { accounts: 'account-burst', refusals: 'refusal-burst' } as const;

/**
 * Tells what is unusual without anybody asking: bursts, new certificates and domains, privileged first sign-ins, ends of quiet times. Every
 * event is remembered; it is news only while it is recent, so that an old log read for the first time raises nothing.
 */
@Injectable()
export class InsightsStep implements OnModuleInit {
  constructor(
    private readonly steps: EventSteps,
    private readonly memory: InsightMemory,
    private readonly records: FindingRecords,
    private readonly commands: GovernanceCommands,
    private readonly settings: SettingsAtEvent,
    @Inject(KEYRING) private readonly keyring: Pick<Keyring, 'lookupHmac'>,
    @Inject(WRITE_PATH) private readonly path: Pick<WritePath, 'store'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    const types = ['UserProvisioned', 'SignedIn', 'SignInRefused', 'RolesAssigned'];
    this.steps.add({ name: 'insights', types, handle: (event) => this.handle(event) });
  }

  async handle(event: SealedEvent): Promise<void> {
    const news = await this.#newsIn(event);
    const age = this.clock.now().getTime() - Date.parse(event.recordedAt);
    if (news.length === 0 || age > NEWS_FOR_MS) return;
    const watches = watchesOf(await this.settings.of(event), event.tenant);
    for (const watch of watches.filter(({ kind }) => kind === 'insight'))
      for (const candidate of news) {
        const metadata = this.commands.because(event, findingIdOf(watch, candidate));
        await this.records.raise(watch, candidate, metadata);
      }
  }

  async #newsIn(event: SealedEvent): Promise<Candidate[]> {
    switch (event.type) {
      case 'UserProvisioned':
        return this.#provisioned(event, event.data as UserProvisioned['data']);
      case 'SignedIn':
        return this.#signedIn(event, event.data as SignedIn['data']);
      case 'SignInRefused':
        return this.#refused(event, event.data as SignInRefused['data']);
      default:
        return this.#assigned(event, event.data as RolesAssigned['data']);
    }
  }

  async #provisioned(event: SealedEvent, { account, source, profile }: UserProvisioned['data']): Promise<Candidate[]> {
    const { connection } = source;
    if (source.kind === 'manual' || connection === null) return [];
    const burst = await this.#counted(event, connection, { what: 'accounts', by: 1 });
    const domain = domainOf(profile?.email ?? '');
    if (domain === '') return burst;
    const digest = this.keyring.lookupHmac('insight-domain', JSON.stringify([event.tenant, domain]));
    const seen = await this.memory.see(event, { connection, what: 'domain', digest });
    const isNew = seen.first && isSettled(seen, event.recordedAt);
    return isNew ? [...burst, { code: 'new-domain', account, connection, event: event.id, about: digest }] : burst;
  }

  async #signedIn(event: SealedEvent, { account, connection, proof }: SignedIn['data']): Promise<Candidate[]> {
    const news: Candidate[] = [];
    const before = await this.memory.signIn(event, account);
    if (endsQuietTime(before, event.recordedAt))
      news.push({ code: 'sign-in-after-quiet-time', account, connection, event: event.id, since: before as string });
    const digest = proof.certificateSha256;
    if (digest === null) return news;
    const seen = await this.memory.see(event, { connection, what: 'certificate', digest });
    if (seen.first && isSettled(seen, event.recordedAt))
      news.push({
        code: 'new-certificate',
        connection,
        event: event.id,
        about: digest,
        details: { certificateSha256: digest },
      });
    return news;
  }

  async #refused(event: SealedEvent, { connection, count }: SignInRefused['data']): Promise<Candidate[]> {
    return connection === null ? [] : this.#counted(event, connection, { what: 'refusals', by: count });
  }

  async #counted(
    event: SealedEvent,
    connection: string,
    { what, by }: { readonly what: Counted; readonly by: number },
  ): Promise<Candidate[]> {
    const hour = hourOf(event.recordedAt);
    const counted = await this.memory.count(event, { connection, what, by });
    const remarkable = what === 'refusals' || isPastFirstDays(counted, event.recordedAt);
    if (!remarkable || !isBurst(counted, hour)) return [];
    const details = { atLeast: burstFrom(counted, hour) };
    return [{ code: BURSTS[what], connection, since: hour, details }];
  }

  /** The roles of the sign-in that made the account, not those that somebody gave to it beforehand. */
  async #assigned(event: SealedEvent, { account, grants, evidence }: RolesAssigned['data']): Promise<Candidate[]> {
    if (evidence === null) return [];
    const catalog = await this.settings.of(event);
    const privileged = grants.find(({ role }) => isPrivileged(catalog, event.tenant, role));
    if (!privileged) return [];
    const [first] = await this.path.store.readStream(event.stream, { from: 0, limit: 1 });
    if (first?.metadata.commandId !== event.metadata.commandId) return [];
    const { id: grant, role, source } = privileged;
    const connection = source.connection ?? undefined;
    const code = 'privileged-at-first-sign-in';
    return [{ code, account, grant, role, event: event.id, ...(connection === undefined ? {} : { connection }) }];
  }
}

const isPrivileged = (catalog: CatalogView, tenant: string, role: string): boolean =>
  catalog.role(tenant, role)?.settings?.privileged === true;
