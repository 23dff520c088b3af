import { runOwnProcess } from '#libs/platform';
import { ProvisioningModule } from './provisioning.module.js';

await runOwnProcess({ app: 'provisioning', module: ProvisioningModule, decides: true, serves: true });
