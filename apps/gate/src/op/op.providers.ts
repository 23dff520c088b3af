import type { Provider } from '@nestjs/common';
import type { Database } from '#libs/database';
import { applicationGrants, logoutNotices } from '#libs/openid-provider';
import { CLOCK, type Clock, DATABASE } from '#libs/platform';
import { ApplicationAdmission } from './application-admission.js';
import { ApplicationEndings } from './application-endings.js';
import { ApplicationEndingsProcess } from './application-endings.process.js';
import { ApplicationPeople } from './application-people.js';
import { ApplicationRecords } from './application-records.js';
import { Authorizations } from './authorizations.js';
import { BroughtAssertions } from './brought-assertions.js';
import { OpMiddleware } from './op.middleware.js';
import { OpProvider } from './op.provider.js';
import { APPLICATION_GRANTS, LOGOUT_NOTICES } from './op.tokens.js';
import { OpAnswers } from './op-answers.js';
import { OpPages } from './op-pages.js';

const over = (provide: symbol, make: (parts: { database: Database; clock: Clock }) => unknown): Provider => ({
  provide,
  inject: [DATABASE, CLOCK],
  useFactory: (database: Database, clock: Clock) => make({ database, clock }),
});

/** Everything that makes the gate an OpenID provider. */
export const OP_PROVIDERS: readonly Provider[] = [
  over(APPLICATION_GRANTS, applicationGrants),
  over(LOGOUT_NOTICES, logoutNotices),
  ApplicationAdmission,
  ApplicationEndings,
  ApplicationEndingsProcess,
  ApplicationPeople,
  ApplicationRecords,
  Authorizations,
  BroughtAssertions,
  OpAnswers,
  OpMiddleware,
  OpPages,
  OpProvider,
];
