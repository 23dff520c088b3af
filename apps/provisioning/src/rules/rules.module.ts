import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { ConfigurationModule } from '../configuration/configuration.module.js';
import { RuleEffects } from './rule-effects.js';
import { RuleEffectsProcess } from './rule-effects.process.js';

/** What follows for people when rules change. */
@Module({
  imports: [CqrsModule, ConfigurationModule],
  providers: [RuleEffects, RuleEffectsProcess],
})
export class RulesModule {}
