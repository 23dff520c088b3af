import { runOwnProcess } from '#libs/platform';
import { AuditModule } from './audit.module.js';

await runOwnProcess({ app: 'audit', module: AuditModule, decides: false, serves: true });
