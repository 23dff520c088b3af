import { runOwnProcess } from '#libs/platform';
import { GateModule } from './gate.module.js';

await runOwnProcess({ app: 'gate', module: GateModule, decides: true, serves: true });
