import { Controller, Get, Inject, Param, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { Catalog } from '#libs/catalog';
import { createSpMetadata } from '#libs/federation';
import { CATALOG, ErrorsAsPages, Public } from '#libs/platform';
import { known } from '../settings/known-connection.js';
import { ProtocolSettings } from '../settings/protocol-settings.js';
import { UnknownConnectionError } from '../sign-in/unknown-connection.error.js';

/** The SAML service provider, described to administrators of identity providers. */
@Controller('saml/:connection')
@ApiTags('sign-in')
@Public()
@ErrorsAsPages()
export class SamlMetadataController {
  constructor(
    @Inject(CATALOG) private readonly catalog: Catalog,
    private readonly settings: ProtocolSettings,
  ) {}

  /** Entity id, addresses, wish for signed assertions, certificates of our keys where they are used. There before the other side's metadata are. */
  @Get('metadata')
  @ApiOperation({ summary: 'SAML metadata of this service provider for one connection' })
  async metadata(@Param('connection') id: string, @Res() response: Response): Promise<void> {
    const connection = known((await this.catalog.current()).connection(id));
    if (!connection?.settings.saml) throw new UnknownConnectionError();
    const description = createSpMetadata(await this.settings.serviceProvider(connection));
    response.type('application/samlmetadata+xml').send(description);
  }
}
