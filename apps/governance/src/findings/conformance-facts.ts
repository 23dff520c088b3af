import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import type { Profile, SignedIn } from '#libs/contracts';
import type { Database } from '#libs/database';
import { accountDecider, type ConformanceFacts } from '#libs/domain';
import { readHistory } from '#libs/event-store';
import { fold, type RecordedEvent, streamName } from '#libs/kernel';
import { CATALOG, DATABASE, WRITE_PATH, type WritePath } from '#libs/platform';
import { findEventPlaces } from '#libs/read-model';

type SignIn = RecordedEvent & SignedIn;
interface Concerned {
  readonly account?: string | null;
  readonly evidence?: string | null;
}

/** Gathers what conformance is judged by: the sign-in behind an event, and the profile that the account had right after it. */
@Injectable()
export class ConformanceFactsReader {
  constructor(
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  async of(event: RecordedEvent): Promise<ConformanceFacts> {
    const signIn = await this.#signInOf(event);
    const connection = signIn ? this.catalog.lastRead().connection(signIn.data.connection) : undefined;
    const proof = signIn?.data.proof;
    return {
      data: event.data,
      authentication: proof ? { context: proof.authnContext, methods: proof.amr } : null,
      authenticationContexts: connection?.settings?.authenticationContexts ?? {},
      profile: await this.#profileAt(event),
    };
  }

  async #signInOf(event: RecordedEvent): Promise<SignIn | null> {
    if (event.type === 'SignedIn') return event as SignIn;
    const { evidence } = event.data as Concerned;
    if (!evidence) return null;
    const [place] = await findEventPlaces(this.database, [evidence]);
    if (place?.tenant !== event.tenant) return null;
    const { events } = await readHistory(this.path, place.stream);
    return (events.find(({ id, type }) => id === evidence && type === 'SignedIn') as SignIn | undefined) ?? null;
  }

  /** Of an event on the account itself the profile right after it, else the newest. */
  async #profileAt({ tenant, stream, revision, data }: RecordedEvent): Promise<Profile | null> {
    const { account } = data as Concerned;
    if (!account) return null;
    const own = streamName({ category: 'account', tenant, id: account });
    const { events } = await readHistory(this.path, own);
    const until = stream === own ? events.filter((each) => each.revision <= revision) : events;
    return fold(accountDecider, until).profile;
  }
}
