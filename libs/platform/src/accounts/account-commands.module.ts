import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { AccountCommandHandler } from './account-command.handler.js';

/** Who imports it may dispatch `RunAccountCommand`. A process has it once, however many of its servers ask for it: one handler per command. */
@Module({ imports: [CqrsModule], providers: [AccountCommandHandler], exports: [CqrsModule] })
export class AccountCommandsModule {}
