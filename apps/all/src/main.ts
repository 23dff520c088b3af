import 'reflect-metadata';
import { allAuthenticators, createHttpApp, createLog, readEnvironment } from '#libs/platform';
import { AllModule } from './all.module.js';

const environment = readEnvironment(process.env);
const log = createLog({ level: environment.logLevel });
const app = await createHttpApp(AllModule.register(environment, log), environment, {
  log,
  authenticators: allAuthenticators,
});
app.enableShutdownHooks();
await app.listen(environment.port, environment.host);
