import { runOwnProcess } from '#libs/platform';
import { GovernanceModule } from './governance.module.js';

await runOwnProcess({ app: 'governance', module: GovernanceModule, decides: true, usesKafka: true, serves: true });
