import { Module } from '@nestjs/common';
import { ProjectorProcess } from './projector.process.js';

/** Builds the read model from the sealed log. Needs the engine's database, event store, codec, sealed log and leases. */
@Module({ providers: [ProjectorProcess] })
export class ProjectorModule {}
