import { Module } from '@nestjs/common';
import type { KafkaOptions, KafkaPublisher } from '#libs/bus';
import { runOwnProcess } from '#libs/platform';
import { RelayProcess } from '../../../apps/relay/src/relay.process.js';
import { TopicPublishing } from '../../../apps/relay/src/topic-publishing.js';

/** Runs a relay like any other, save that what it publishes with was tampered with. */
export function runBrokenRelay(tamper: (publisher: KafkaPublisher) => KafkaPublisher): Promise<void> {
  class BrokenPublishing extends TopicPublishing {
    protected override openPublisher(kafka: KafkaOptions, installation: string): KafkaPublisher {
      return tamper(super.openPublisher(kafka, installation));
    }
  }
  const module = class BrokenRelayModule {};
  Module({ providers: [RelayProcess, { provide: TopicPublishing, useClass: BrokenPublishing }] })(module);
  return runOwnProcess({ app: 'relay', module, decides: false, serves: false });
}
