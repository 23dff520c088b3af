import { Controller, Get, Inject, Param, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { Catalog } from '#libs/catalog';
import { samlSettingsOf } from '#libs/configuration';
import { createSpMetadata } from '#libs/federation';
import { CATALOG, ENVIRONMENT, type Environment, ErrorsAsPages, Public } from '#libs/platform';
import { UnknownConnectionError } from './unknown-connection.error.js';

/** The SAML service provider, described to administrators of identity providers. */
@Controller('saml/:connection')
@ApiTags('sign-in')
@Public()
@ErrorsAsPages()
export class SamlMetadataController {
  constructor(
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  /** Entity id, address for answers, wish for signed assertions. */
  @Get('metadata')
  @ApiOperation({ summary: 'SAML metadata of this service provider for one connection' })
  async metadata(@Param('connection') id: string, @Res() response: Response): Promise<void> {
    const settings = (await this.catalog.current()).connection(id)?.settings;
    if (!settings) throw new UnknownConnectionError();
    response
      .type('application/samlmetadata+xml')
      .send(createSpMetadata(samlSettingsOf(id, settings, this.environment.publicUrl)));
  }
}
