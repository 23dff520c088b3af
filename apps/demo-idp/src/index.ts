export { DemoIdpModule } from './demo-idp.module.js';
export type { DemoIdpOptions, ServiceProvider } from './demo-idp.options.js';
export { type DemoIdpSettings, demoIdpSettings } from './demo-idp.settings.js';
export { type Misbehaviour, misbehaviours } from './misbehaviours.js';
export { type Person, sampleGroups, samplePeople } from './people.js';
