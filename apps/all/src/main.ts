import { allAuthenticators, runServer, SOFTWARE_VERSION } from '#libs/platform';
import { AllModule } from './all.module.js';
import { banner } from './banner.js';

await runServer({
  root: (environment, log) => AllModule.register(environment, log),
  authenticators: allAuthenticators,
  openApi: { title: 'Gatebook', version: SOFTWARE_VERSION },
  onListening: (_app, environment) => {
    if (process.stdout.isTTY) process.stdout.write(`${banner(environment, null)}\n`);
  },
});
