import { runOwnProcess } from '#libs/platform';
import { ProjectorModule } from './projector.module.js';

await runOwnProcess({ app: 'projector', module: ProjectorModule, decides: false, serves: false });
