import { Module } from '@nestjs/common';
import { FirstStart } from './first-start.js';
import { LedgerVerificationController } from './ledger-verification.controller.js';
import { RecoveryRequests } from './recovery-requests.js';

/** What the operator of the host needs: the first link, a way back in, a look at the log. */
@Module({
  controllers: [LedgerVerificationController],
  providers: [FirstStart, RecoveryRequests],
  exports: [FirstStart],
})
export class SetupModule {}
