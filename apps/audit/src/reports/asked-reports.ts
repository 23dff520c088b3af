import { Inject, Injectable } from '@nestjs/common';
import type { Catalog, CatalogView } from '#libs/catalog';
import { encodePositionToken } from '#libs/event-store';
import { INSTALLATION_TENANT } from '#libs/kernel';
import { CATALOG, EVENT_STORE, type EventStore, NotFoundError, sealedPosition } from '#libs/platform';
import {
  applicationIsKnown,
  connectionIsKnown,
  findAccessReview,
  isSubjectOfEvents,
  roleIsKnown,
} from '#libs/read-model';
import {
  type AskedQuestion,
  NotOfInstallationError,
  type Question,
  questionOf,
  REPORTS,
  type ReportFilter,
  type ReportKind,
} from '#libs/reports';
import { ReadModel } from '../reading/read-model.js';
import { TenantHistory } from './tenant-history.js';

const OF_INSTALLATION = [...REPORTS.values()].flatMap(({ kind, ofInstallation }) => (ofInstallation ? [kind] : []));

/** Who asks for what. */
export interface AskedReport {
  readonly tenant: string;
  readonly kind: ReportKind;
  /** Null for the tenant's own. */
  readonly timeZone: string | null;
  readonly question: AskedQuestion;
  readonly personal: boolean;
  /** Whether a period may end where it begins; default false. */
  readonly mayBeEmpty?: boolean;
}

/** Completes what is asked of a report. */
@Injectable()
export class AskedReports {
  constructor(
    private readonly readModel: ReadModel,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    private readonly tenants: TenantHistory,
  ) {}

  /**
   * The whole question. Without `knownAt` it is about everything that was recorded before it came, so it waits until that is sealed and
   * taken in.
   * @throws {NotOfInstallationError} when the installation itself is asked about people
   * @throws {NotFoundError} when a condition names what the tenant never had
   * @throws {ReadModelBehindError} when the read model does not come that far in time
   * @throws what `questionOf` throws
   */
  async complete({ tenant, kind, timeZone, personal, mayBeEmpty, ...asked }: AskedReport): Promise<Question> {
    if (tenant === INSTALLATION_TENANT && !kind.ofInstallation)
      throw new NotOfInstallationError(kind.kind, OF_INSTALLATION);
    const question = { ...said(asked.question), filter: said(asked.question.filter) };
    const { database } = this.readModel;
    const view = await this.catalog.current();
    // what is wrong with the question itself is said before anything is waited for
    const ground = {
      kind,
      tenant,
      timeZone: timeZone ?? timeZoneOf(view, tenant),
      now: this.readModel.now(),
      personal,
      mayBeEmpty,
    };
    questionOf(question, { ...ground, position: -1, sealed: question.knownAt ?? -1 });
    await this.#mustExist(view, tenant, question.filter);
    const position = question.knownAt === undefined ? await this.#everythingSoFar() : question.knownAt;
    return questionOf(question, { ...ground, position, sealed: await sealedPosition(database) });
  }

  async #everythingSoFar(): Promise<number> {
    return this.readModel.reached(encodePositionToken(await this.store.head()));
  }

  /** What another tenant has does not exist; nor does what nobody ever had. What there once was does: reports tell of the past. */
  async #mustExist(view: CatalogView, tenant: string, filter: ReportFilter): Promise<void> {
    const { database } = this.readModel;
    const { account, role, connection, review, application, directory, policy } = filter;
    const known: Readonly<Record<string, boolean>> = {
      account: account === undefined || (await isSubjectOfEvents(database, tenant, account)),
      role: role === undefined || (await roleIsKnown(database, tenant, role)),
      connection: connection === undefined || (await connectionIsKnown(database, tenant, connection)),
      'access review': review === undefined || (await findAccessReview(database, { tenant, review })) !== null,
      application: application === undefined || (await this.#hadApplication(view, tenant, application)),
      directory: directory === undefined || (await this.#hadDirectory(tenant, directory)),
      policy: policy === undefined || view.policy(tenant, policy) !== undefined,
    };
    const unknown = Object.keys(known).find((what) => !known[what]);
    if (unknown !== undefined) throw new NotFoundError(unknown);
  }

  /** One that the tenant describes or that a role is of, now or at any time. */
  async #hadApplication(view: CatalogView, tenant: string, application: string): Promise<boolean> {
    if (view.roles(tenant).some(({ settings }) => settings?.application === application)) return true;
    if (await this.tenants.ever(tenant, ({ applications }) => applications.some(({ id }) => id === application)))
      return true;
    return applicationIsKnown(this.readModel.database, tenant, application);
  }

  #hadDirectory(tenant: string, directory: string): Promise<boolean> {
    return this.tenants.ever(tenant, ({ directories }) => directories.some(({ id }) => id === directory));
  }
}

/** What is null was not said, as what is absent. */
function said<T extends object>(asked: T): T {
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== null && value !== undefined)) as T;
}

const timeZoneOf = (view: CatalogView, tenant: string): string => view.tenant(tenant)?.settings?.timeZone ?? 'UTC';
