import { Injectable, type OnApplicationBootstrap, Optional } from '@nestjs/common';
import { Dependencies } from '#libs/platform';
import { Projecting } from './projecting.js';

/** How long nothing may come before it is told, milliseconds. */
const SILENCE_MS = 10_000;

/**
 * Says whether Kafka brings this process anything, for a projector that runs apart from the relay, which watches Kafka where it is. A
 * projector beyond the twelfth gets no partition and shows as not ready.
 */
@Injectable()
export class KafkaHealth implements OnApplicationBootstrap {
  constructor(
    private readonly projecting: Projecting,
    @Optional() private readonly dependencies?: Dependencies,
  ) {}

  onApplicationBootstrap(): void {
    const { arrivals, sealedEvents } = this.projecting;
    if (!sealedEvents.shared) return;
    this.dependencies?.watch('kafka', async () => {
      if (arrivals.silentMs > SILENCE_MS) throw new Error('Nothing has come from Kafka.');
    });
  }
}
