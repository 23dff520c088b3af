import { Module } from '@nestjs/common';
import { RelayProcess } from './relay.process.js';

/** The one sequencer: gives every event its position in the sealed log. Needs the engine's database, event store, clock and leases. */
@Module({ providers: [RelayProcess], exports: [RelayProcess] })
export class RelayModule {}
