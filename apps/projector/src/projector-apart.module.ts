import { Module } from '@nestjs/common';
import { KafkaHealth } from './kafka-health.js';
import { ProjectorModule } from './projector.module.js';

/** The projector as a process of its own, without the relay beside it. */
@Module({ imports: [ProjectorModule], providers: [KafkaHealth] })
export class ProjectorApartModule {}
