import { runOwnProcess } from '#libs/platform';
import { ProjectorApartModule } from './projector-apart.module.js';

await runOwnProcess({ app: 'projector', module: ProjectorApartModule, decides: false, usesKafka: true, serves: false });
