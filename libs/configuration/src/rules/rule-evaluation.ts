import type { ConnectionSettings, SignedIn } from '#libs/contracts';
import {
  accountDecider,
  type ConnectionSnapshot,
  factsOf,
  fromClaimList,
  type Grant,
  type Judgement,
  judgeRules,
  NO_ACCOUNT,
  type PresentedIdentity,
  type RuleFacts,
} from '#libs/domain';
import type { EventStore, StoredEvent, WritePath } from '#libs/event-store';
import { type CommandMetadata, streamName } from '#libs/kernel';
import type { AccountGrants, StandingGrants } from '../standing-grants/standing-grants.js';

/** A connection's rules, and the catalogue that they are evaluated against. */
export interface RulesInForce {
  readonly tenant: string;
  readonly connection: ConnectionSnapshot;
  readonly liveRoles: ReadonlySet<string>;
  /** Only this account; absent: everybody who holds grants from the connection. */
  readonly account?: string | undefined;
}

/** What an account that holds grants from a connection would keep and lose under its rules. */
export interface Evaluated {
  readonly account: string;
  /** Of the rules, over the last recorded sign-in through the connection. */
  readonly judgements: readonly Judgement[];
  /** Grants that the connection's rules gave and that stand. */
  readonly held: readonly Grant[];
  /** Those that the rules no longer give. */
  readonly lost: ReadonlySet<string>;
}

/** What an evaluation reads. */
export interface RuleEvaluationDependencies {
  readonly standing: StandingGrants;
  readonly path: Pick<WritePath, 'store' | 'codec'>;
}

/**
 * Evaluates a connection's rules over what each person last said of themselves through it, and changes nothing. The estimate before a change
 * and the taking back after it are this same evaluation. Catch up on standing grants first.
 * @param now ISO-8601 UTC
 */
export async function* evaluateRules(
  { standing, path }: RuleEvaluationDependencies,
  rules: RulesInForce,
  now: string,
): AsyncIterable<Evaluated> {
  const { tenant, connection, account } = rules;
  for await (const page of standing.pagesOf({ tenant, connection: connection.id, account }, now)) {
    const signIns = await standing.lastSignIns(
      tenant,
      connection.id,
      page.map(({ account }) => account),
    );
    const facts = await factsByAccount(path, rules, signIns);
    for (const holder of page) yield evaluate(holder, facts.get(holder.account) ?? 'unknown', rules, now);
  }
}

function evaluate(
  { account, grants }: AccountGrants,
  facts: RuleFacts | 'unknown',
  rules: RulesInForce,
  now: string,
): Evaluated {
  const judgements = judgeRules(rules.connection.settings.rules, facts);
  const held = grants.filter(({ source }) => source.kind === 'rule');
  const events = accountDecider.decide(
    {
      type: 'ReevaluateRules',
      data: { connection: rules.connection, judgements, liveRoles: rules.liveRoles, evidence: '' },
      metadata: dryRun(rules.tenant, now),
    },
    { ...NO_ACCOUNT, exists: true, id: account, grants: new Map(held.map((grant) => [grant.id, grant])) },
  );
  const lost = events.flatMap((event) => (event.type === 'AccessRevoked' ? event.data.grants.map(({ id }) => id) : []));
  return { account, judgements, held, lost: new Set(lost) };
}

/** What each account last said of itself. Several streams are read at once, and their claims opened together. */
async function factsByAccount(
  { store, codec }: RuleEvaluationDependencies['path'],
  { tenant, connection }: RulesInForce,
  signIns: ReadonlyMap<string, string>,
): Promise<Map<string, RuleFacts | 'unknown'>> {
  const streams = [...signIns].map(([, id]) => streamName({ category: 'signIn', tenant, id }));
  const stored = await Promise.all(streams.map((stream) => firstOf(store, stream)));
  const events = await codec.decode(stored.filter((event) => event !== undefined));
  return new Map(
    events.map((event) => {
      const { data } = event as unknown as SignedIn;
      return [data.account, recordedFacts(connection.settings, data)];
    }),
  );
}

async function firstOf(store: Pick<EventStore, 'readStream'>, stream: string): Promise<StoredEvent | undefined> {
  const [event] = await store.readStream(stream, { limit: 1 });
  return event;
}

/**
 * What rules are judged by over a recorded sign-in. Groups that it does not name are unknown, also where the connection says that absent means
 * none: a sign-in may judge what was not sent, a look at the record may not. Of an erased person nothing is known.
 */
export function recordedFacts(settings: ConnectionSettings, data: SignedIn['data']): RuleFacts | 'unknown' {
  const presented = recordedIdentity(data);
  if (presented === null) return 'unknown';
  return factsOf({ ...settings, groups: { ...settings.groups, whenMissing: 'unknown' } }, presented);
}

/** A recorded sign-in as it was presented; null once its person is erased. */
export function recordedIdentity({ subject, claims, proof, groups }: SignedIn['data']): PresentedIdentity | null {
  if (!Array.isArray(claims)) return null;
  const stated = fromClaimList(claims);
  return {
    subject: { value: stated.get('nameId')?.[0] ?? subject, format: proof.nameIdFormat },
    claims: stated,
    authentication: { context: proof.authnContext, methods: proof.amr },
    groupsOverage: groups === 'unknown',
  };
}

/** An evaluation needs no real command: nothing of it is recorded. */
function dryRun(tenant: string, now: string): CommandMetadata {
  const actor = { kind: 'system', id: 'rules' } as const;
  return { tenant, actor, commandId: '', commandDigest: '', correlationId: '', now, deriveId: (name) => name };
}
