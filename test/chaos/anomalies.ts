import { isDeepStrictEqual } from 'node:util';
import type { Evidence, ListedGrant, LoggedEvent, TopicRecord } from './evidence.js';

/** Most lines that one check reports. */
const LISTED = 5;

/** Everything that must hold after every fault, checked from the outside. Empty when it does; otherwise a line for each thing found. */
export function anomaliesIn(evidence: Evidence): string[] {
  const { events, topic } = evidence;
  return [
    ...(evidence.settled ? [] : ['the read model did not reach the last change']),
    ...dense('position', events),
    ...tenants(events).flatMap((tenant) => denseInTenant(events.filter((event) => event.tenant === tenant))),
    ...gaplessStreams(events),
    ...repeated('event id', events, ({ id }) => id),
    ...repeated('account for one name', provisioned(events), ({ tenant, data }) => `${tenant} ${userNameIn(data)}`),
    ...acknowledgedSignIns(evidence),
    ...acknowledgedChanges(evidence),
    ...accessIsTheFold(evidence),
    ...tenantsApart(evidence),
    ...evidence.remembered
      .filter(({ first, again }) => !isDeepStrictEqual(first, again))
      .map(({ query }) => `the answer to ${query} has changed`),
    ...found(evidence.verification.problems, 'sealed events differ from the store'),
    ...found(evidence.verification.pending, 'events were not sealed'),
    ...found(evidence.rebuildDifferences, 'tables differ from their rebuild'),
    ...found(evidence.parked, 'streams are parked'),
    ...topicIsTheLog(topic, events),
    ...evidence.alarms.map((alarm) => `a consumer stopped: ${alarm}`),
  ];
}

const found = (count: number, what: string) => (count > 0 ? [`${count} ${what}`] : []);
const few = (lines: readonly string[]) => lines.slice(0, LISTED);
const tenants = (events: readonly LoggedEvent[]) => [...new Set(events.map(({ tenant }) => tenant))];
const provisioned = (events: readonly LoggedEvent[]) => events.filter(({ type }) => type === 'UserProvisioned');
const userNameIn = (data: LoggedEvent['data']) => data.profile.userName as string;

function dense(what: string, events: readonly LoggedEvent[]): string[] {
  const wrong = events.findIndex(({ position }, index) => position !== index);
  return wrong < 0 ? [] : [`${what} ${wrong} is missing or doubled`];
}

function denseInTenant(events: readonly LoggedEvent[]): string[] {
  const wrong = events.findIndex(({ tenantPosition }, index) => tenantPosition !== index);
  return wrong < 0 ? [] : [`position ${wrong} of tenant ${events[wrong]?.tenant} is missing or doubled`];
}

function gaplessStreams(events: readonly LoggedEvent[]): string[] {
  const next = new Map<string, number>();
  const wrong: string[] = [];
  for (const { stream, revision, position } of events) {
    const expected = next.get(stream) ?? 0;
    if (revision !== expected) wrong.push(`a stream has revision ${revision} at position ${position}, not ${expected}`);
    next.set(stream, revision + 1);
  }
  return few(wrong);
}

function repeated(what: string, events: readonly LoggedEvent[], keyOf: (event: LoggedEvent) => string): string[] {
  const seen = new Set<string>();
  const twice = events.filter((event) => seen.size === seen.add(keyOf(event)).size);
  return few(twice.map(({ position }) => `a second ${what} at position ${position}`));
}

function acknowledgedSignIns({ events, signIns }: Evidence): string[] {
  const times = new Map<string, number>();
  for (const { type, data } of events)
    if (type === 'SignedIn') times.set(data.proof.assertionId, (times.get(data.proof.assertionId) ?? 0) + 1);
  const names = new Set(provisioned(events).map(({ data }) => userNameIn(data)));
  return few([
    ...signIns
      .filter(({ assertionId }) => !times.has(assertionId))
      .map(({ userName }) => `an acknowledged sign-in of ${userName} is not in the log`),
    ...[...times].filter(([, count]) => count > 1).map(([id, count]) => `assertion ${id} signed in ${count} times`),
    ...signIns
      .filter(({ userName }) => !names.has(userName))
      .map(({ userName }) => `${userName} signed in and has no account`),
  ]);
}

/** Every change was repeated under its key until it was acknowledged, so there are as many effects as changes. */
function acknowledgedChanges({ events, changes }: Evidence): string[] {
  const wanted = tally(changes.map(({ account, type }) => `${type} of ${account}`));
  const recorded = tally(
    events
      .filter(({ type }) => type === 'UserDeactivated' || type === 'UserReactivated')
      .map(({ type, data }) => `${type} of ${data.account}`),
  );
  const all = new Set([...wanted.keys(), ...recorded.keys()]);
  const differing = [...all].filter((what) => wanted.get(what) !== recorded.get(what));
  return few(
    differing.map(
      (what) => `${what}: acknowledged ${wanted.get(what) ?? 0}, recorded ${recorded.get(what) ?? 0} times`,
    ),
  );
}

function tally(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** Who holds what, folded from the events alone, against what the read model lists. */
function accessIsTheFold({ events, access }: Evidence): string[] {
  return [...access].flatMap(([tenant, listed]) => {
    const folded = lines(heldIn(events.filter((event) => event.tenant === tenant)));
    const shown = lines(listed);
    return few([
      ...folded.filter((line) => !shown.includes(line)).map((line) => `the read model of ${tenant} lacks ${line}`),
      ...shown.filter((line) => !folded.includes(line)).map((line) => `the read model of ${tenant} invents ${line}`),
      ...(shown.length === new Set(shown).size ? [] : [`the read model of ${tenant} lists a grant twice`]),
    ]);
  });
}

const lines = (grants: readonly ListedGrant[]) =>
  grants.map(({ id, account, role }) => `${role} of ${account} (${id})`);

function heldIn(events: readonly LoggedEvent[]): ListedGrant[] {
  const open = new Map<string, ListedGrant>();
  const inactive = new Set<string>();
  for (const { type, data } of events) {
    if (type === 'RolesAssigned')
      for (const { id, role } of data.grants) open.set(id, { id, role, account: data.account });
    if (type === 'AccessRevoked') for (const { id } of data.grants) open.delete(id);
    if (type === 'UserDeactivated') inactive.add(data.account);
    if (type === 'UserReactivated') inactive.delete(data.account);
  }
  return [...open.values()].filter(({ account }) => !inactive.has(account));
}

function tenantsApart({ events, access }: Evidence): string[] {
  const home = new Map(provisioned(events).map(({ tenant, data }) => [data.account as string, tenant]));
  const strangers = [...access].flatMap(([tenant, grants]) =>
    grants.filter(({ account }) => home.get(account) !== tenant).map(({ account }) => `${account} in ${tenant}`),
  );
  return few(strangers.map((where) => `an account of another tenant is listed: ${where}`));
}

/** The first time that each event comes, it comes in order and without a gap; what comes again came before. */
function topicIsTheLog(topic: readonly TopicRecord[], events: readonly LoggedEvent[]): string[] {
  const wrong: string[] = [];
  const ends = new Map<number, TopicRecord>();
  const carried = new Set<string>();
  for (const record of topic) {
    const { partition, id, sequence, position } = record;
    const end = ends.get(partition);
    const reached = end?.sequence ?? -1;
    if (id === null) {
      if (sequence > reached) wrong.push(`a tick of partition ${partition} speaks of an event that is not there`);
      continue;
    }
    if (sequence > reached + 1) wrong.push(`partition ${partition} lacks ${sequence - reached - 1} events`);
    if (sequence <= reached && !carried.has(id)) wrong.push(`an event comes late in partition ${partition}`);
    if (sequence > reached && end && position <= end.position) wrong.push(`partition ${partition} is out of order`);
    if (sequence > reached) ends.set(partition, record);
    carried.add(id);
  }
  const missing = events.filter(({ id }) => !carried.has(id)).length;
  return few([...wrong, ...found(missing, 'events are not on the topic')]);
}
