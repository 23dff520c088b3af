import { Module } from '@nestjs/common';
import { RelayProcess } from './relay.process.js';
import { TopicPublishing } from './topic-publishing.js';

/** The one sequencer: gives every event its position in the sealed log and, where Kafka is used, publishes it. Needs the engine's database, event store, clock and leases. */
@Module({ providers: [RelayProcess, TopicPublishing], exports: [RelayProcess] })
export class RelayModule {}
