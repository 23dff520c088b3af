import { allAuthenticators, runServer, SOFTWARE_VERSION } from '#libs/platform';
import { FirstStart } from '../../provisioning/src/setup/first-start.js';
import { AllModule } from './all.module.js';
import { banner } from './banner.js';

await runServer({
  root: (environment, log) => AllModule.register(environment, log),
  authenticators: allAuthenticators,
  openApi: { title: 'Gatebook', version: SOFTWARE_VERSION },
  onListening: (app, environment) => {
    const { link } = app.get(FirstStart, { strict: false });
    if (process.stdout.isTTY) process.stdout.write(`${banner(environment, link)}\n`);
  },
});
