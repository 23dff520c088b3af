import { NestFactory } from '@nestjs/core';
import { DemoIdpModule } from './demo-idp.module.js';
import { BASE_PATH, type ServiceProvider } from './demo-idp.options.js';

const HOST = '127.0.0.1'; // never another: see NotLoopbackError
const DEFAULT_PORT = 3100;

/** `DEMO_IDP_CONNECTIONS` names, separated by commas, the connections of the Gatebook at `GATEBOOK_PUBLIC_URL` to answer. */
function serviceProviders(env: NodeJS.ProcessEnv): ServiceProvider[] {
  const gatebook = (env['GATEBOOK_PUBLIC_URL'] ?? 'http://localhost:3000').replace(/\/+$/, '');
  return (env['DEMO_IDP_CONNECTIONS'] ?? 'demo').split(',').map((connection) => ({
    acsUrl: `${gatebook}/saml/${connection.trim()}/acs`,
    spEntityId: `${gatebook}/saml/${connection.trim()}/metadata`,
  }));
}

async function main(env: NodeJS.ProcessEnv): Promise<void> {
  const port = Number(env['PORT'] ?? DEFAULT_PORT);
  const baseUrl = `http://${HOST}:${port}${BASE_PATH}`;
  const module = DemoIdpModule.register({
    baseUrl,
    dataDir: env['GATEBOOK_DATA_DIR'] ?? './data',
    clock: { now: () => new Date() },
    serviceProviders: serviceProviders(env),
  });
  const app = await NestFactory.create(module, { logger: ['error', 'warn'] });
  app.enableShutdownHooks();
  await app.listen(port, HOST);
  console.log(`Demo identity provider (development only): ${baseUrl}/`);
}

await main(process.env);
