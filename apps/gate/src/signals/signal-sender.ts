import { Injectable } from '@nestjs/common';
import { equalInConstantTime, type PlatformRequest } from '#libs/platform';
import type { KnownConnection } from '../settings/known-connection.js';
import { ProtocolSettings } from '../settings/protocol-settings.js';
import { SignalSenderUnknownError } from './signals.errors.js';

/** Longest header that is compared, characters. */
const AUTHORIZATION_MAX = 1_024;

/** Knows senders of notices by the secret in their Authorization header. */
@Injectable()
export class SignalSender {
  constructor(private readonly settings: ProtocolSettings) {}

  /**
   * @param fingerprint names the secret; null: none was agreed upon
   * @param scheme what stands before it in the header
   * @throws {SignalSenderUnknownError}
   */
  async demand(
    request: PlatformRequest,
    { tenant }: KnownConnection,
    fingerprint: string | null,
    scheme: 'Bearer ' | '',
  ): Promise<void> {
    const secret = await this.settings.secret(tenant, fingerprint);
    const offered = request.headers.authorization ?? '';
    if (secret === null) return;
    if (offered.length > AUTHORIZATION_MAX || !equalInConstantTime(offered, `${scheme}${secret}`))
      throw new SignalSenderUnknownError();
  }
}
