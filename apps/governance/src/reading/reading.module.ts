import { Module } from '@nestjs/common';
import { DryRuns } from './dry-runs.js';
import { EventSteps } from './event-steps.js';
import { GovernanceCommands } from './governance-commands.js';
import { GovernanceReader } from './governance-reader.process.js';
import { Principals } from './principals.js';
import { ReadModelPlace } from './read-model-place.js';
import { ReadingPlaces } from './reading-places.js';

/** Reading the log, and what every part needs to act upon it. */
@Module({
  providers: [DryRuns, EventSteps, ReadingPlaces, ReadModelPlace, GovernanceReader, GovernanceCommands, Principals],
  exports: [DryRuns, EventSteps, ReadModelPlace, GovernanceCommands, Principals],
})
export class ReadingModule {}
