import { runOwnProcess } from '#libs/platform';
import { RelayModule } from './relay.module.js';

await runOwnProcess({ app: 'relay', module: RelayModule, decides: false, usesKafka: true, serves: false });
