import { Module } from '@nestjs/common';
import { WriteRequests } from '#libs/platform';
import { ConnectionsController } from './connections.controller.js';
import { RolesController } from './roles.controller.js';

/** Connections and roles, to look at. They change by configuration. */
@Module({ controllers: [ConnectionsController, RolesController], providers: [WriteRequests] })
export class CatalogModule {}
