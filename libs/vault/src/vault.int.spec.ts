import { type Database, migrate } from '#libs/database';
import { onEveryDatabase, type TestDatabase } from '#libs/testing';
import { checkFingerprint, hasFingerprint } from './installation-keyring.js';
import { ephemeralKeyring, openKeyring } from './keyring.js';
import { newKeyringText } from './keyring-format.js';
import { serverSecret } from './secrets.js';
import { KeyringMismatchError, UnwrapError } from './vault.errors.js';
import { vaultMigrations } from './vault.migrations.js';

const clock = { now: () => new Date('2026-03-01T12:00:00.000Z') };

onEveryDatabase((open) => {
  describe('the vault', () => {
    let opened: TestDatabase;
    let database: Database;
    beforeAll(async () => {
      opened = await open();
      database = opened.database;
      await migrate(database, vaultMigrations);
    }, 60_000);
    beforeEach(() => database.query('truncate vault.installation, vault.secrets'));
    afterAll(() => opened.drop());

    it('accepts the keyring that it was made with, and no other', async () => {
      const [own, foreign] = [ephemeralKeyring(), ephemeralKeyring()];
      expect(await hasFingerprint(database)).toBe(false);
      await checkFingerprint(database, own);
      await checkFingerprint(database, own);
      expect(await hasFingerprint(database)).toBe(true);
      await expect(checkFingerprint(database, foreign)).rejects.toThrow(KeyringMismatchError);
      await expect(checkFingerprint(database, foreign)).rejects.toThrow(/GATEBOOK_KEYRING/);
    });

    it('is made by one keyring only when two servers start at once with different ones', async () => {
      const starts = await Promise.allSettled([1, 2].map(() => checkFingerprint(database, ephemeralKeyring())));
      expect(starts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    });

    it('refuses a keyring with the right look-up key and a wrong key-encryption key', async () => {
      const [text, other] = [JSON.parse(newKeyringText()), JSON.parse(newKeyringText())];
      const keyring = (json: object) => openKeyring('env:RING', { env: { RING: JSON.stringify(json) } });
      await checkFingerprint(database, await keyring(text));
      await expect(checkFingerprint(database, await keyring({ ...text, keks: other.keks }))).rejects.toThrow(
        UnwrapError,
      );
    });

    it('keeps a server secret: the same for all processes that ask at once, another for another name', async () => {
      const dependencies = { database, keyring: ephemeralKeyring(), clock };
      const asked = await Promise.all(Array.from({ length: 16 }, () => serverSecret(dependencies, 'csrf')));
      expect(new Set(asked.map((secret) => secret.toString('hex'))).size).toBe(1);
      expect(asked[0]).toHaveLength(32);
      expect(await serverSecret(dependencies, 'cursor')).not.toEqual(asked[0]);
      const { rows } = await database.query<{ wrapped: string }>('select wrapped from vault.secrets');
      for (const { wrapped } of rows) expect(wrapped).not.toContain((asked[0] as Buffer).toString('base64url'));
    });

    it('opens a secret under its own name only', async () => {
      const dependencies = { database, keyring: ephemeralKeyring(), clock };
      await serverSecret(dependencies, 'csrf');
      await database.query(`update vault.secrets set name = 'cursor'`);
      await expect(serverSecret(dependencies, 'cursor')).rejects.toThrow(UnwrapError);
      await expect(serverSecret(dependencies, '../etc')).rejects.toThrow(TypeError);
    });
  });
});
