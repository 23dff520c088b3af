import { Controller, Get, Inject, Param, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { exportJWK, importSPKI, type JWK } from 'jose';
import type { Catalog } from '#libs/catalog';
import { CATALOG, ErrorsAsPages, KEY_PAIRS, Public } from '#libs/platform';
import type { KeyPairs } from '#libs/vault';
import { known } from '../settings/known-connection.js';
import { CLIENT_ASSERTION_ALGORITHM } from '../settings/protocol-settings.js';
import { UnknownConnectionError } from '../sign-in/unknown-connection.error.js';

/** How long providers may keep the keys, in seconds: a rotated key is known to them before the old one is discarded. */
const KEPT_SECONDS = 300;

/** The public keys by which providers know us where a connection proves itself by signatures (`private_key_jwt`). */
@Controller('login/:connection')
@ApiTags('sign-in')
@Public()
@ErrorsAsPages()
export class ClientKeysController {
  constructor(
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(KEY_PAIRS) private readonly keys: KeyPairs,
  ) {}

  @Get('jwks.json')
  @ApiOperation({ summary: 'Public keys of this client, as a JSON Web Key Set (RFC 7517)' })
  async jwks(@Param('connection') id: string, @Res() response: Response): Promise<void> {
    const connection = known((await this.catalog.current()).connection(id));
    if (connection?.settings.oidc?.tokenEndpointAuthMethod !== 'private_key_jwt') throw new UnknownConnectionError();
    const { tenant } = connection;
    await this.keys.current(tenant, 'oidc-client');
    const pairs = await this.keys.all(tenant, 'oidc-client');
    const keys = await Promise.all(pairs.map(({ kid, publicKeyPem }) => publicKey(kid, publicKeyPem)));
    response.set('Cache-Control', `public, max-age=${KEPT_SECONDS}`).json({ keys });
  }
}

async function publicKey(kid: string, pem: string): Promise<JWK> {
  const alg = CLIENT_ASSERTION_ALGORITHM;
  return { ...(await exportJWK(await importSPKI(pem, alg, { extractable: true }))), kid, alg, use: 'sig' };
}
