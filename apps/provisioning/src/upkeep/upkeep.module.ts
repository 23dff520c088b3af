import { type FactoryProvider, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { egress } from '#libs/egress';
import { AGGREGATE_BYTES_MAX } from '#libs/federation';
import { ENVIRONMENT, type Environment, WriteRequests } from '#libs/platform';
import { ConfigurationModule } from '../configuration/configuration.module.js';
import { CertificatesTask } from './certificates.task.js';
import { ConnectionHealth } from './connection-health.js';
import { DomainProofsTask } from './domain-proofs.task.js';
import { LeasesTask } from './leases.task.js';
import { MetadataTask } from './metadata.task.js';
import { METADATA_EGRESS, MetadataReader } from './metadata-reader.js';
import { MetadataRefreshesController } from './metadata-refreshes.controller.js';
import { MetadataRefreshes } from './metadata-refreshes.js';
import { UPKEEP_TASKS, UpkeepProcess } from './upkeep.process.js';
import { UpkeepCommands } from './upkeep-commands.js';
import type { UpkeepTask } from './upkeep-task.js';

/** Time for one document of metadata, milliseconds: a federation's file is large. */
const METADATA_TIMEOUT_MS = 30_000;

const metadataEgress: FactoryProvider = {
  provide: METADATA_EGRESS,
  inject: [ENVIRONMENT],
  useFactory: ({ egressAllow: allow }: Environment) =>
    egress({ allow, maxBytes: AGGREGATE_BYTES_MAX, timeoutMs: METADATA_TIMEOUT_MS }),
};

const tasks: FactoryProvider<readonly UpkeepTask[]> = {
  provide: UPKEEP_TASKS,
  inject: [MetadataTask, CertificatesTask, DomainProofsTask, LeasesTask],
  useFactory: (...all: UpkeepTask[]) => all,
};

/** What connections and grants need over time without anybody asking: metadata, certificates, proofs of domains, ends of leases. */
@Module({
  imports: [CqrsModule, ConfigurationModule],
  controllers: [MetadataRefreshesController],
  providers: [
    metadataEgress,
    MetadataReader,
    MetadataRefreshes,
    UpkeepCommands,
    MetadataTask,
    CertificatesTask,
    DomainProofsTask,
    LeasesTask,
    tasks,
    UpkeepProcess,
    ConnectionHealth,
    WriteRequests,
  ],
})
export class UpkeepModule {}
