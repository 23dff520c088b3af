import { createPrivateKey, createPublicKey, sign, verify, X509Certificate } from 'node:crypto';
import { type Database, migrate } from '#libs/database';
import { onEveryDatabase, type TestDatabase } from '#libs/testing';
import { KEY_PAIRS_MAX, type KeyPair, keyPairs } from './key-pairs.js';
import { ephemeralKeyring } from './keyring.js';
import { KeyPairsFullError, UnwrapError } from './vault.errors.js';
import { vaultMigrations } from './vault.migrations.js';

const START = Date.parse('2026-03-01T12:00:00.000Z');
const keyring = ephemeralKeyring();
const kids = (pairs: readonly KeyPair[]) => pairs.map(({ kid }) => kid);

onEveryDatabase((open) => {
  describe('key pairs', () => {
    let opened: TestDatabase;
    let database: Database;
    let now: number;
    const pairs = () => keyPairs({ database, keyring, clock: { now: () => new Date(now) } });

    beforeAll(async () => {
      opened = await open();
      database = opened.database;
      await migrate(database, vaultMigrations);
    }, 60_000);
    beforeEach(async () => {
      now = START;
      await database.query('truncate vault.key_pairs');
    });
    afterAll(() => opened.drop());

    it('are made at the first call and are the same ever after, for all who ask at once', async () => {
      const asked = await Promise.all(Array.from({ length: 4 }, () => pairs().current('acme', 'saml-sp')));
      asked.push(await pairs().current('acme', 'saml-sp'));
      expect(new Set(kids(asked)).size).toBe(1);
      expect(new Set(asked.map(({ privateKeyPem }) => privateKeyPem)).size).toBe(1);
    });

    it('differ by tenant and by purpose', async () => {
      const made = [
        await pairs().current('acme', 'saml-sp'),
        await pairs().current('acme', 'oidc-client'),
        await pairs().current('globex', 'saml-sp'),
      ];
      expect(new Set(kids(made)).size).toBe(3);
    });

    it('sign what their public key and their certificate verify, for ten years', async () => {
      const { privateKeyPem, publicKeyPem, certificatePem } = await pairs().current('acme', 'saml-sp');
      const certificate = new X509Certificate(certificatePem ?? '');
      const signature = sign('sha256', Buffer.from('x'), createPrivateKey(privateKeyPem));
      expect(verify('sha256', Buffer.from('x'), createPublicKey(publicKeyPem), signature)).toBe(true);
      expect(verify('sha256', Buffer.from('x'), certificate.publicKey, signature)).toBe(true);
      expect(verify('sha256', Buffer.from('y'), certificate.publicKey, signature)).toBe(false);
      expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
      expect(certificate.verify(certificate.publicKey)).toBe(true);
      expect(certificate.subject).toBe('CN=Gatebook saml-sp');
      expect(new Date(certificate.validTo).toISOString()).toBe('2036-03-01T12:00:00.000Z');
    });

    it('for applications have a name and no certificate', async () => {
      const { certificatePem, kid } = await pairs().current('acme', 'op-signing');
      expect(certificatePem).toBeNull();
      expect(kid).toMatch(/^[\w-]{43}$/);
    });

    it('give way to a new one, and stay for what they signed', async () => {
      const first = await pairs().current('acme', 'op-signing');
      now += 1000;
      const [second, same] = await Promise.all([
        pairs().rotate('acme', 'op-signing'),
        pairs().rotate('acme', 'op-signing'),
      ]);
      expect(second).toEqual(same);
      expect(kids(await pairs().all('acme', 'op-signing'))).toEqual([second.kid, first.kid]);
      expect((await pairs().current('acme', 'op-signing')).retiredAt).toBeNull();
      expect((await pairs().all('acme', 'op-signing'))[1]).toEqual({ ...first, retiredAt: new Date(now) });
    });

    it('are discarded once retired for long enough, the current one never', async () => {
      await pairs().current('acme', 'op-signing');
      const second = await pairs().rotate('acme', 'op-signing');
      expect(await pairs().discardRetiredBefore('acme', 'op-signing', new Date(now))).toBe(0);
      expect(await pairs().discardRetiredBefore('globex', 'op-signing', new Date(now + 1))).toBe(0);
      expect(await pairs().discardRetiredBefore('acme', 'op-signing', new Date(now + 1))).toBe(1);
      expect(kids(await pairs().all('acme', 'op-signing'))).toEqual([second.kid]);
    });

    it('are limited in number', async () => {
      await pairs().current('acme', 'op-signing');
      await database.query(
        `insert into vault.key_pairs (tenant, purpose, generation, kid, wrapped, public_key, created_at)
         select tenant, purpose, n, kid, wrapped, public_key, created_at from vault.key_pairs, generate_series(2, $1) n`,
        [KEY_PAIRS_MAX],
      );
      await expect(pairs().rotate('acme', 'op-signing')).rejects.toThrow(KeyPairsFullError);
    });

    it('are at rest as ciphertext, and open in their own place only', async () => {
      await pairs().current('acme', 'saml-sp');
      const { rows } = await database.query<{ wrapped: string }>('select wrapped from vault.key_pairs');
      expect(JSON.stringify(rows)).not.toContain('PRIVATE');
      await database.query(`update vault.key_pairs set tenant = 'globex'`);
      await expect(pairs().current('globex', 'saml-sp')).rejects.toThrow(UnwrapError);
    });
  });
});
