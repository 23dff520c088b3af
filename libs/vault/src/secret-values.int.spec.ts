import { type Database, migrate } from '#libs/database';
import { onEveryDatabase, type TestDatabase } from '#libs/testing';
import { ephemeralKeyring } from './keyring.js';
import { SECRET_VALUE_BYTES_MAX, secretValues } from './secret-values.js';
import { SecretValueMissingError, SecretValueRefusedError, UnwrapError } from './vault.errors.js';
import { vaultMigrations } from './vault.migrations.js';

const SECRET = 'correct horse battery staple';
const clock = { now: () => new Date('2026-03-01T12:00:00.000Z') };
const keyring = ephemeralKeyring();

onEveryDatabase((open) => {
  describe('secret values', () => {
    let opened: TestDatabase;
    let database: Database;
    const values = () => secretValues({ database, keyring, clock });

    beforeAll(async () => {
      opened = await open();
      database = opened.database;
      await migrate(database, vaultMigrations);
    }, 60_000);
    beforeEach(() => database.query('truncate vault.secret_values'));
    afterAll(() => opened.drop());

    it('come back as they were, by the fingerprint that putting them answered', async () => {
      for (const value of [SECRET, ' with blanks \n', '{"kty":"RSA"}', 'Schlüssel 🔑']) {
        expect(await values().get('acme', await values().put('acme', value))).toBe(value);
      }
    });

    it('are in the database as ciphertext only', async () => {
      const fingerprint = await values().put('acme', SECRET);
      const { rows } = await database.query('select * from vault.secret_values');
      expect(JSON.stringify(rows)).toContain(fingerprint);
      for (const form of ['utf8', 'hex', 'base64', 'base64url'] as const)
        expect(JSON.stringify(rows)).not.toContain(Buffer.from(SECRET).toString(form).slice(0, 16));
    });

    it('have one fingerprint per tenant, told without storing anything, and are stored once', async () => {
      const fingerprint = values().fingerprintOf('acme', SECRET);
      expect(fingerprint).toMatch(/^hmac:[0-9a-f]{64}$/);
      expect(values().fingerprintOf('globex', SECRET)).not.toBe(fingerprint);
      expect((await database.query('select from vault.secret_values')).rowCount).toBe(0);
      const put = await Promise.all(Array.from({ length: 16 }, () => values().put('acme', SECRET)));
      expect(new Set(put)).toEqual(new Set([fingerprint]));
      expect((await database.query('select from vault.secret_values')).rowCount).toBe(1);
    });

    it('cannot be guessed from the fingerprint without the keyring', () => {
      const elsewhere = secretValues({ database, keyring: ephemeralKeyring(), clock });
      expect(elsewhere.fingerprintOf('acme', SECRET)).not.toBe(values().fingerprintOf('acme', SECRET));
    });

    it('of another tenant are missing, whatever fingerprint is asked for', async () => {
      const fingerprint = await values().put('acme', SECRET);
      await expect(values().get('globex', fingerprint)).rejects.toThrow(SecretValueMissingError);
      await expect(values().get('acme', 'hmac:00')).rejects.toThrow(/Hand it in again/);
    });

    it('do not open when their row was moved to another tenant', async () => {
      const fingerprint = await values().put('acme', SECRET);
      await database.query(`update vault.secret_values set tenant = 'globex'`);
      await expect(values().get('globex', fingerprint)).rejects.toThrow(UnwrapError);
    });

    it.each<[string, string]>([
      ['empty', ''],
      ['no Unicode', 'a\ud800b'],
      ['too large', 'ü'.repeat(SECRET_VALUE_BYTES_MAX / 2 + 1)],
    ])('are refused when they are %s, without quoting them', async (_, value) => {
      const error = await values()
        .put('acme', value)
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(SecretValueRefusedError);
      if (value) expect((error as Error).message).not.toContain(value);
    });

    it('may be as large as the limit', async () => {
      const value = 'ü'.repeat(SECRET_VALUE_BYTES_MAX / 2);
      expect(await values().get('acme', await values().put('acme', value))).toBe(value);
    });
  });
});
