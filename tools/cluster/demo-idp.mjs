/** The demo identity provider as a process of its own behind a front: PORT, GATEBOOK_DATA_DIR, DEMO_IDP_URL and GATEBOOK_PUBLIC_URL say how. */
import { NestFactory } from '@nestjs/core';

const { DemoIdpModule } = await import(new URL('../../dist/apps/demo-idp/src/index.js', import.meta.url).href);
const { PORT, GATEBOOK_DATA_DIR: dataDir, DEMO_IDP_URL: baseUrl, GATEBOOK_PUBLIC_URL } = process.env;

const connection = `${GATEBOOK_PUBLIC_URL}/saml/demo`;
const serviceProviders = [{ acsUrl: `${connection}/acs`, spEntityId: `${connection}/metadata` }];
const clock = { now: () => new Date() };
const app = await NestFactory.create(DemoIdpModule.register({ baseUrl, dataDir, clock, serviceProviders }), {
  logger: ['error', 'warn'],
});
for (const kind of ['live', 'ready'])
  app.getHttpAdapter().get(`/health/${kind}`, (_request, response) => response.json({ [kind]: true }));
app.enableShutdownHooks();
await app.listen(Number(PORT), '127.0.0.1');
