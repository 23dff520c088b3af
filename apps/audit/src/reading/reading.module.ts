import { Module } from '@nestjs/common';
import { ReadModel } from './read-model.js';

/** What every question to the read model needs. */
@Module({ providers: [ReadModel], exports: [ReadModel] })
export class ReadingModule {}
