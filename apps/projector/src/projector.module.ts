import { Module } from '@nestjs/common';
import { Projecting } from './projecting.js';
import { ProjectorProcess } from './projector.process.js';

/** Builds the read model from the sealed log. Needs the engine's database, event store, codec, sealed log and leases. */
@Module({ providers: [Projecting, ProjectorProcess], exports: [Projecting] })
export class ProjectorModule {}
