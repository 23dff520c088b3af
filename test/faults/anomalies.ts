import { isDeepStrictEqual } from 'node:util';
import type { Queryable } from '#libs/database';
import { BEFORE_FIRST, type StoredEvent } from '#libs/event-store';
import { parseStreamName, type RecordedEvent } from '#libs/kernel';
import { canonicalHash, lastSealedRow, readSealedRows, type SealedRow, verifySealedLog } from '#libs/ledger';
import { type AccountRecord, countParkedStreams, findAccess, findAccount, listAccounts } from '#libs/read-model';
import type { Prepared } from './operations.js';
import type { World } from './world.js';

const TENANTS = ['acme', 'globex'] as const;

/** Events, or rows, that are read at a time. */
const PAGE = { events: 1_000, rows: 200 } as const;

/** Who held what at an instant, as known at a position; all of a customer, or some accounts. */
interface Question {
  readonly tenant: string;
  readonly asOf: string;
  readonly knownAt: number;
  readonly about: string[] | null;
}

interface Remembered extends Question {
  readonly answer: readonly string[];
}

/** What people were told so far, by which the world is judged; and what was read of the log, which nobody can change any more. */
export class Told {
  readonly commands = new Map<string, Prepared>();
  readonly events = new Set<string>();
  readonly remembered: Remembered[] = [];
  readonly stored: StoredEvent[] = [];
  readonly log: RecordedEvent[] = [];
  /** Sessions that had not ended when what ends them was acknowledged. */
  outlived = 0;
}

/** How many remembered answers and ended sessions are looked at each time; a thorough look takes them all. */
const NEWEST = 4;

/** Answers about the accounts of so many last events are remembered. */
const RECENT = 8;

/**
 * Everything that must hold after every fault, once what was sealed is taken in: empty when it does, else a line for each thing found. The
 * answers that it gets are remembered, and asked for again later. A thorough look takes in everything from the beginning; any other what is
 * new since the look before, and how it stands to the rest.
 */
export async function anomaliesIn(world: World, told: Told, { thorough = false } = {}): Promise<string[]> {
  if (thorough) for (const list of [told.stored, told.log]) list.length = 0;
  const before = told.log.length;
  await readOn(world, told);
  const ids = new Set(told.log.map(({ id }) => id));
  return [
    ...number([...told.events].filter((id) => !ids.has(id)).length, 'acknowledged events are not in the log'),
    ...number(told.log.length - ids.size, 'events are there twice'),
    ...effects(told),
    ...secondAccounts(told.log),
    ...gaplessStreams(told.log),
    ...(await sealedOneToOne(world, told.stored.slice(before))),
    ...(thorough ? await verified(world) : []),
    ...(await readModelIsTheFold(world, told.log, before)),
    ...world.topic.anomalies(told.stored).map((what) => `topic: ${what}`),
    ...(await endedSessions(world, told, thorough)),
    ...(await rememberedAnswers(world, told, thorough)),
    ...number(await countParkedStreams(world.engine.database), 'streams are parked'),
  ];
}

const number = (count: number, what: string) => (count > 0 ? [`${count} ${what}`] : []);

async function readOn({ engine: { store, codec } }: World, { stored, log }: Told): Promise<void> {
  for (let after = stored.at(-1)?.storePosition ?? BEFORE_FIRST; ; ) {
    const page = await store.readLog({ after, limit: PAGE.events });
    stored.push(...page.events);
    log.push(...(await codec.decode(page.events)));
    if (page.events.length < PAGE.events) return;
    after = page.through;
  }
}

/** Each command has recorded what it was to record, once. */
function effects({ log, commands }: Told): string[] {
  const types = new Map<string, string[]>();
  for (const { metadata, type } of log) types.set(metadata.commandId, [...(types.get(metadata.commandId) ?? []), type]);
  return [...commands].flatMap(([commandId, { records }]) => {
    const found = (types.get(commandId) ?? []).sort();
    return isDeepStrictEqual(found, records) ? [] : [`a command recorded [${found}], not [${records}]`];
  });
}

function secondAccounts(events: readonly RecordedEvent[]): string[] {
  const names = events
    .filter(({ type }) => type === 'UserProvisioned')
    .map(({ tenant, data }) => `${tenant} ${(data as { profile: { userName: string } }).profile.userName}`);
  return number(names.length - new Set(names).size, 'people have a second account');
}

/** Sealed rows are the events of the store: at dense positions, in order, each with the hash of what the store holds. */
async function sealedOneToOne({ engine: { database } }: World, events: readonly StoredEvent[]): Promise<string[]> {
  const last = await lastSealedRow(database);
  const first = (last?.position ?? -1) + 1 - events.length;
  const rows = events.length === 0 ? [] : await sealedFrom(database, first);
  const wrong = events.filter((event, index) => {
    const row = rows[index];
    const isSame = row?.eventId === event.id && row.storePosition === event.storePosition;
    const isWhole = row?.position === first + index && row.hash === canonicalHash(event).toString('hex');
    return !isSame || !isWhole || row.tenant !== parseStreamName(event.stream).tenant;
  });
  return number(wrong.length + Math.abs(rows.length - events.length), 'events are not as they were sealed');
}

async function sealedFrom(database: Queryable, first: number): Promise<SealedRow[]> {
  const rows: SealedRow[] = [];
  for (let after = first - 1; ; after += PAGE.events) {
    const page = await readSealedRows(database, after, PAGE.events);
    rows.push(...page);
    if (page.length < PAGE.events) return rows;
  }
}

/** The same, and tenant positions besides, by the verification that operators use. */
async function verified({ engine: { database, store } }: World): Promise<string[]> {
  const { problems, pending, missingTail } = await verifySealedLog({ database, store });
  return number(problems + pending + missingTail, 'problems are found by the verification of the sealed log');
}

function gaplessStreams(events: readonly RecordedEvent[]): string[] {
  const next = new Map<string, number>();
  return events.flatMap(({ stream, revision }) => {
    const expected = next.get(stream) ?? 0;
    next.set(stream, revision + 1);
    return revision === expected ? [] : [`${stream} has revision ${revision} where ${expected} is due`];
  });
}

/** Accounts that are asked for one by one; when there are more, all of a customer are listed. */
const ONE_BY_ONE = 4;

/** Accounts that something was recorded about from an index on; null when there are so many that all are to be looked at. */
function newsAbout(log: readonly RecordedEvent[], from: number): string[] | null {
  const accounts = new Set(log.slice(from).filter(isOfAccount).map(accountOf));
  return accounts.size <= ONE_BY_ONE ? [...accounts] : null;
}

/** Who holds what, and which accounts there are, each with its customer alone: folded from the log, and by the read model. */
async function readModelIsTheFold(world: World, log: readonly RecordedEvent[], from: number): Promise<string[]> {
  const about = newsAbout(log, from);
  const now = await presentOf(world);
  const wrong: string[] = [];
  for (const tenant of TENANTS) {
    const isMeant = (event: RecordedEvent) => event.tenant === tenant && (about?.includes(accountOf(event)) ?? true);
    const own = log.filter((event) => isOfAccount(event) && isMeant(event));
    const [held, accounts] = [await heldAt(world, { ...now, tenant, about }), await accountsAt(world, tenant, about)];
    wrong.push(...differences(`grants of ${tenant}`, heldIn(own), held));
    wrong.push(...differences(`accounts of ${tenant}`, accountsIn(own), accounts));
  }
  return wrong;
}

const isOfAccount = ({ stream }: RecordedEvent) => parseStreamName(stream).category === 'account';
const accountOf = ({ stream }: RecordedEvent) => parseStreamName(stream).id;

function differences(what: string, folded: readonly string[], told: readonly string[]): string[] {
  return [
    ...number(folded.filter((line) => !told.includes(line)).length, `${what} are missing in the read model`),
    ...number(told.filter((line) => !folded.includes(line)).length, `${what} are only in the read model`),
    ...number(told.length - new Set(told).size, `${what} are twice in the read model`),
  ];
}

type Grants = { readonly account: string; readonly grants: readonly { readonly id: string; readonly role: string }[] };

function heldIn(events: readonly RecordedEvent[]): string[] {
  const open = new Map<string, { account: string; role: string }>();
  const inactive = new Set<string>();
  for (const { type, data, stream } of events) {
    const { account, grants = [] } = data as Grants;
    if (type === 'RolesAssigned') for (const { id, role } of grants) open.set(id, { account, role });
    if (type === 'AccessRevoked') for (const { id } of grants) open.delete(id);
    if (type === 'UserDeactivated') inactive.add(parseStreamName(stream).id);
  }
  const counting = [...open].filter(([, { account }]) => !inactive.has(account));
  return counting.map(([id, { account, role }]) => grantLine({ grant_id: id, account, role }));
}

function accountsIn(events: readonly RecordedEvent[]): string[] {
  const status = new Map<string, string>();
  for (const { type, stream } of events) {
    if (type === 'UserProvisioned') status.set(parseStreamName(stream).id, 'active');
    if (type === 'UserDeactivated') status.set(parseStreamName(stream).id, 'deactivated');
  }
  return [...status].map(([account, now]) => `${account} is ${now}`);
}

const grantLine = ({ grant_id, account, role }: { grant_id: string; account: string; role: string }) =>
  `${account} holds ${role} by ${grant_id}`;

async function presentOf({ engine, clock }: World): Promise<{ readonly asOf: string; readonly knownAt: number }> {
  const last = await lastSealedRow(engine.database);
  return { asOf: clock.now().toISOString(), knownAt: last?.position ?? -1 };
}

async function heldAt({ engine }: World, { about, ...asked }: Question): Promise<string[]> {
  const lines: string[] = [];
  for (const account of about ?? [undefined]) {
    for (let after: { grantedPosition: number; grant: string } | undefined; ; ) {
      const { items, more } = await findAccess(engine.database, { ...asked, account, limit: PAGE.rows, after });
      lines.push(...items.map(grantLine));
      const last = items.at(-1);
      if (!more || !last) break;
      after = { grantedPosition: last.granted_pos, grant: last.grant_id };
    }
  }
  return lines;
}

async function accountsAt({ engine, clock }: World, tenant: string, about: string[] | null): Promise<string[]> {
  const now = clock.now().toISOString();
  const found = about
    ? await Promise.all(about.map((account) => findAccount(engine.database, { tenant, account, now })))
    : await allAccounts(engine.database, tenant, now);
  return found.flatMap((record) => (record ? [`${record.account} is ${record.status}`] : []));
}

async function allAccounts(database: Queryable, tenant: string, now: string): Promise<AccountRecord[]> {
  const records: AccountRecord[] = [];
  for (let after: number | undefined; ; after = records.at(-1)?.provisioned_pos) {
    const query = { tenant, personal: true, now, through: Number.MAX_SAFE_INTEGER, limit: PAGE.rows, after };
    const { items, more } = await listAccounts(database, query);
    records.push(...items);
    if (!more) return records;
  }
}

/** Whoever was taken something from is not let in any more by what began before. */
async function endedSessions({ engine }: World, { commands, outlived }: Told, thorough: boolean): Promise<string[]> {
  const tokens = [...commands.values()].flatMap(({ ends }) => ends);
  const asked = thorough ? tokens : tokens.slice(-NEWEST);
  const alive = await Promise.all(asked.map((token) => engine.sessions.find(token)));
  return number(outlived + alive.filter((session) => session !== null).length, 'sessions outlived a revocation');
}

async function rememberedAnswers(world: World, { remembered, log }: Told, thorough: boolean): Promise<string[]> {
  const wrong: string[] = [];
  for (const { answer, ...asked } of thorough ? remembered : remembered.slice(-NEWEST))
    if (!isDeepStrictEqual(await heldAt(world, asked), answer))
      wrong.push(`who held what at ${asked.asOf} as known at ${asked.knownAt} is told in another way`);
  const now = await presentOf(world);
  for (const tenant of TENANTS) {
    const asked = { ...now, tenant, about: newsAbout(log, thorough ? 0 : Math.max(0, log.length - RECENT)) };
    remembered.push({ ...asked, answer: await heldAt(world, asked) });
  }
  return wrong;
}
