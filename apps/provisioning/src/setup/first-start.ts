import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { firstSetupLink, type SetupLink, writePrivately } from '#libs/configuration';
import { system } from '#libs/kernel';
import { ENVIRONMENT, type Environment, KEYRING, type Keyring, WRITE_PATH, type WritePath } from '#libs/platform';

/** Name of the file in the data folder that holds the first link while it is open. */
export const SETUP_LINK_FILE = 'setup-link.txt';

/**
 * Lets the first administrator in: at the first start there is a one-time link for a day, in a file that only the operator can read and on
 * their terminal, never in a log. While the link is open a further start says it again; afterwards the file is gone.
 */
@Injectable()
export class FirstStart implements OnApplicationBootstrap {
  #link: SetupLink | null = null;

  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(KEYRING) private readonly keyring: Keyring,
  ) {}

  /** The link while it is open, for a terminal; null once it was used or its day is over. */
  get link(): string | null {
    return this.#link?.url ?? null;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { dataDir, publicUrl } = this.environment;
    this.#link = await firstSetupLink({ path: this.path, keyring: this.keyring, publicUrl }, system('start'));
    const file = join(dataDir, SETUP_LINK_FILE);
    if (this.#link === null) await rm(file, { force: true });
    else await writePrivately(file, `${this.#link.url}\n`);
  }
}
