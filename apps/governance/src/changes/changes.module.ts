import { type FactoryProvider, Module } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import { HeldChanges, SingleChanges } from '#libs/configuration';
import { CATALOG, WRITE_PATH, type WritePath, WriteRequests } from '#libs/platform';
import { NoticesModule } from '../notices/notices.module.js';
import { PeopleModule } from '../people/people.module.js';
import { PoliciesModule } from '../policies/policies.module.js';
import { ReadingModule } from '../reading/reading.module.js';
import { AnsweringChanges } from './answering-changes.js';
import { ChangeCommandsController } from './change-commands.controller.js';
import { ChangesController } from './changes.controller.js';
import { ChangesProcess } from './changes.process.js';
import { ChangesStep } from './changes.step.js';
import { MadeAtOnceStep } from './made-at-once.step.js';

const heldChanges: FactoryProvider<HeldChanges> = {
  provide: HeldChanges,
  inject: [CATALOG, WRITE_PATH, SingleChanges],
  useFactory: (catalog: Catalog, path: WritePath, changes: SingleChanges) =>
    new HeldChanges({ catalog, path, changes }),
};

/** Changes of connections, privileged roles and policies that wait for a second person. */
@Module({
  imports: [PoliciesModule, PeopleModule, ReadingModule, NoticesModule],
  controllers: [ChangesController, ChangeCommandsController],
  providers: [heldChanges, AnsweringChanges, ChangesProcess, ChangesStep, MadeAtOnceStep, WriteRequests],
  exports: [AnsweringChanges, HeldChanges],
})
export class ChangesModule {}
