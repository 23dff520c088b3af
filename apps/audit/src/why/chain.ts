import type {
  AccessRevoked,
  ConnectionChanged,
  ConnectionSettings,
  GrantsReduced,
  ReviewDecisionRecorded,
  RolesAssigned,
  SignedIn,
  UserProvisioned,
} from '#libs/contracts';
import type { Actor, SealedEvent } from '#libs/kernel';
import type { GrantRecord } from '#libs/read-model';
import type { Evidence } from './evidence-finder.js';

/** What a link of the chain tells. */
export type ReasonKind =
  | 'assigned'
  | 'signIn'
  | 'rule'
  | 'connection'
  | 'elevation'
  | 'provisioned'
  | 'reduced'
  | 'reducedBecause'
  | 'revoked'
  | 'revokedBecause';

/** One link of a chain of evidence: a sentence, the event that it rests on, and the particulars. */
export interface Reason {
  readonly kind: ReasonKind;
  readonly text: string;
  readonly event: {
    readonly id: string;
    readonly type: string;
    readonly position: number;
    readonly recordedAt: string;
    readonly actor: Actor;
  };
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Tells why a grant was given, from the grant back to its roots; if it has ended, why that was too. Pure. */
export function chainOf(grant: GrantRecord, evidence: Evidence): Reason[] {
  return [
    assigned(grant, evidence),
    signIn(grant, evidence),
    rule(grant, evidence),
    connection(grant, evidence),
    ...elevation(evidence),
    provisioned(evidence),
    ...reduced(evidence),
    revoked(grant, evidence),
    revokedBecause(grant, evidence),
  ].filter((reason) => reason !== null);
}

type Step = Reason | null;

function assigned(grant: GrantRecord, { events }: Evidence): Step {
  const event = eventOf<RolesAssigned['data']>(events, grant.granted_event);
  if (!event) return null;
  const given = event.data.grants.find(({ id }) => id === grant.grant_id);
  const { role, source_kind: kind, source_connection: connection, source_rule: name, source_actor: actor } = grant;
  const text =
    kind === 'rule'
      ? `The rule ${name} of the connection ${connection}, at version ${grant.source_rule_version}, gave the role ${role}.`
      : kind === 'elevation'
        ? `The ${(actor ?? 'elevation').replace(':', ' ')} gave the role ${role} for a time.`
        : `${actor ?? 'Somebody'} gave the role ${role} ${kind === 'manual' ? 'by hand' : `by ${kind}`}.`;
  const { effectiveAt: from, until } = given ?? { effectiveAt: grant.valid_from, until: grant.valid_to };
  return reason('assigned', text, event, { role, from, until, reason: event.data.reason });
}

function signIn(grant: GrantRecord, { events }: Evidence): Step {
  const event = eventOf<SignedIn['data']>(events, grant.granted_evidence);
  if (event?.type !== 'SignedIn') return null;
  const { connection, connectionVersion, proof } = event.data;
  const assignment = eventOf<RolesAssigned['data']>(events, grant.granted_event);
  return reason('signIn', `A sign-in through the connection ${connection} was the evidence for it.`, event, {
    connection,
    connectionVersion,
    matched: assignment ? matchedIn(assignment.data, grant.grant_id) : [],
    ...proof,
  });
}

/** The claims that matched; one text where they may not be shown, or are erased. */
function matchedIn({ grants, because }: RolesAssigned['data'], grant: string): unknown {
  if (!Array.isArray(because)) return because;
  return because[grants.findIndex(({ id }) => id === grant)] ?? [];
}

function rule(grant: GrantRecord, { events, rule: found }: Evidence): Step {
  const event = eventOf<ConnectionChanged['data']>(events, found?.settingsEvent);
  const settings = found?.settings.rules.find(
    ({ id, version }) => id === grant.source_rule && version === grant.source_rule_version,
  );
  if (!event || !settings) return null;
  const text = `The rule ${settings.id} was given this form, its version ${settings.version}, by ${nameOf(event)}.`;
  return reason('rule', text, event, { connection: grant.source_connection, ...settings });
}

function connection(grant: GrantRecord, { events, connection: found }: Evidence): Step {
  const event = eventOf<ConnectionChanged['data']>(events, found?.settingsEvent);
  if (!event || !found) return null;
  const { version, settings } = found;
  const text = `The connection ${grant.source_connection} was given these settings, its version ${version}, by ${nameOf(event)}.`;
  return reason('connection', text, event, {
    connection: grant.source_connection,
    version,
    protocol: settings.protocol,
    directory: settings.directory,
    issuer: issuerOf(settings),
    groups: settings.groups.attribute,
    reason: event.data.reason,
  });
}

/** What the source calls itself, whatever it speaks. */
const issuerOf = ({ saml, oidc, oauth2, jwt }: ConnectionSettings): string | null =>
  saml?.idpEntityId ?? oidc?.issuer ?? oauth2?.issuer ?? oauth2?.authorizationUrl ?? jwt?.issuer ?? null;

/** Who asked, and who agreed. */
function elevation({ events, elevation: ids }: Evidence): Step[] {
  return ids.map((id) => {
    const event = eventOf<Elevating>(events, id);
    if (!event) return null;
    const { by, via, reason: why } = event.data;
    return reason('elevation', `${ELEVATING[event.type] ?? event.type} by ${nameOf(event)}.`, event, {
      elevation: event.data.elevation,
      policy: event.data.policy ?? null,
      by: by ?? event.data.requestedBy ?? null,
      decidedVia: via,
      reason: why,
    });
  });
}

/** What the events by which an elevation comes about have in common, and what they say of who it was. */
interface Elevating {
  readonly elevation: string;
  readonly policy?: string;
  readonly requestedBy?: string | null;
  readonly by?: string | null;
  readonly via: string;
  readonly reason: string | null;
}

const ELEVATING: Readonly<Record<string, string>> = {
  ElevationRequested: 'The elevation was asked for',
  ElevationApproved: 'The elevation was approved',
  ElevationExtended: 'The elevation was extended',
};

/** An earlier end that was set, and the decision of a review that asked for it. */
function reduced({ events, reduction }: Evidence): Step[] {
  const event = eventOf<GrantsReduced['data']>(events, reduction?.event);
  if (!event) return [];
  const { until, reason: why } = event.data;
  const text = `The grant was given an end, ${until}, by ${nameOf(event)}.`;
  return [
    reason('reduced', text, event, { until, reason: why }),
    decided('reducedBecause', eventOf<ReviewDecisionRecorded['data']>(events, reduction?.decision)),
  ];
}

/** What somebody decided in a review. */
function decided(kind: ReasonKind, event: EventWith<ReviewDecisionRecorded['data']> | undefined): Step {
  if (event?.type !== 'ReviewDecisionRecorded') return null;
  const { review, item, decision, by, decidedVia, until, reason: why } = event.data;
  const whose = by === null ? 'The policy of a review' : `The account ${by}`;
  const text = `${whose} decided in a review (${review}): ${decision}.`;
  return reason(kind, text, event, { review, item, decision, by, decidedVia, until, reason: why });
}

function provisioned({ events, provisioned: id }: Evidence): Step {
  const event = eventOf<UserProvisioned['data']>(events, id);
  if (!event) return null;
  const { source, directory, kind, reason: why } = event.data;
  const text =
    source.connection === null
      ? `The account was made by hand, by ${nameOf(event)}.`
      : `The account was made at the first sign-in through the connection ${source.connection}.`;
  return reason('provisioned', text, event, { directory, kind, source, reason: why });
}

function revoked(grant: GrantRecord, { events }: Evidence): Step {
  const event = eventOf<AccessRevoked['data']>(events, grant.revoked_event);
  if (!event) return null;
  const { code, effectiveAt, reason: why } = event.data;
  return reason('revoked', `The grant was ended by ${nameOf(event)} (${code}).`, event, {
    code,
    effectiveAt,
    reason: why,
  });
}

function revokedBecause(grant: GrantRecord, { events }: Evidence): Step {
  const event = eventOf<{ readonly connection?: string; readonly role?: string }>(events, grant.revoked_evidence);
  if (!event) return null;
  if (event.type === 'ReviewDecisionRecorded')
    return decided('revokedBecause', eventOf(events, grant.revoked_evidence));
  const { connection: name, role } = event.data;
  const text =
    event.type === 'SignedIn'
      ? `A sign-in through the connection ${name}, after which no rule gave the role any more.`
      : `A change of ${name ? `the connection ${name}` : `the role ${role}`} took it back.`;
  return reason('revokedBecause', text, event, { type: event.type, connection: name ?? null, role: role ?? null });
}

type EventWith<Data> = Omit<SealedEvent, 'data'> & { readonly data: Data };

function eventOf<Data>(events: Evidence['events'], id: string | null | undefined): EventWith<Data> | undefined {
  return id ? (events.get(id) as EventWith<Data> | undefined) : undefined;
}

function reason(
  kind: ReasonKind,
  text: string,
  { id, type, position, recordedAt, metadata }: EventWith<unknown>,
  detail: Reason['detail'],
): Reason {
  return { kind, text, event: { id, type, position, recordedAt, actor: metadata.actor }, detail };
}

const nameOf = ({ metadata: { actor } }: EventWith<unknown>): string => `${actor.kind} ${actor.id}`;
