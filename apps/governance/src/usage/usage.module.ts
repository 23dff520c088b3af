import { Module } from '@nestjs/common';
import { WriteRequests } from '#libs/platform';
import { KnownAccounts } from './known-accounts.js';
import { UsageController } from './usage.controller.js';

/** Reports of use. */
@Module({ controllers: [UsageController], providers: [WriteRequests, KnownAccounts] })
export class UsageModule {}
