import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openKeyring } from './keyring.js';
import { KeyringMissingError, KeyringUnusableError, UnwrapError } from './vault.errors.js';

const KEY = Buffer.alloc(32, 7);
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyring-'));
  path = join(folder, 'inner', 'keyring.json');
});
afterEach(() => rm(folder, { recursive: true }));

describe('a keyring in a file', () => {
  it('is made on first use, for its owner only, and is the same ever after', async () => {
    const first = await openKeyring(`file:${path}`);
    const second = await openKeyring(`file:${path}`);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'inner'))).toEqual(['keyring.json']);
    expect(second.fingerprint).toBe(first.fingerprint);
    expect(second.lookupHmac('purpose', 'x')).toBe(first.lookupHmac('purpose', 'x'));
    expect(second.unwrap(first.wrap(KEY, 'here'), 'here')).toEqual(KEY);
  });

  it('is not made where that is forbidden, and then nothing is written; one that is there opens', async () => {
    const refusal = openKeyring(`file:${path}`, { mayMake: false });
    await expect(refusal).rejects.toThrow(KeyringMissingError);
    await expect(refusal).rejects.toThrow(`not at ${path}. Set GATEBOOK_KEYRING`);
    expect(await readdir(folder)).toEqual([]);
    const made = await openKeyring(`file:${path}`);
    expect((await openKeyring(`file:${path}`, { mayMake: false })).fingerprint).toBe(made.fingerprint);
  });

  it('is one and the same for processes that make it at once', async () => {
    const keyrings = await Promise.all(Array.from({ length: 16 }, () => openKeyring(`file:${path}`)));
    expect(new Set(keyrings.map(({ fingerprint }) => fingerprint)).size).toBe(1);
  });

  it('is refused when others may read it, and says how to close it', async () => {
    await openKeyring(`file:${path}`);
    await chmod(path, 0o640);
    await expect(openKeyring(`file:${path}`)).rejects.toThrow(/mode 640.*chmod 600/);
  });

  it.each([
    ['is cut off', (text: string) => text.slice(0, 60)],
    ['has a short key', (text: string) => text.replace(/("lookup": ").{8}/, '$1')],
    ['is of another version', (text: string) => text.replace('"version": 1', '"version": 2')],
    ['lacks the current key', (text: string) => text.replace('"kekId": "k1"', '"kekId": "k2"')],
    ['is a list', () => '[]'],
    ['is far too large', (text: string) => text.padEnd(70_000)],
  ])('is refused when it %s, without quoting any of it', async (_, damage) => {
    await openKeyring(`file:${path}`);
    const text = await readFile(path, 'utf8');
    await writeFile(path, damage(text));
    const error = await openKeyring(`file:${path}`).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(KeyringUnusableError);
    const keys = text.match(/[A-Za-z0-9+/]{20,}/g) ?? [];
    expect(keys).toHaveLength(2);
    for (const key of keys) expect((error as Error).message).not.toContain(key.slice(0, 12));
  });
});

describe('a keyring in a variable', () => {
  it('is the same as in a file', async () => {
    const fromFile = await openKeyring(`file:${path}`);
    const fromVariable = await openKeyring('env:RING', { env: { RING: await readFile(path, 'utf8') } });
    expect(fromVariable.fingerprint).toBe(fromFile.fingerprint);
  });

  it('is refused when the variable is not set, or the setting names no place', async () => {
    await expect(openKeyring('env:RING', { env: {} })).rejects.toThrow(KeyringUnusableError);
    await expect(openKeyring('RING')).rejects.toThrow(/file:PATH or env:NAME/);
  });
});

describe('a wrapped key', () => {
  it('opens only in its own place, whole, and under its own keyring', async () => {
    const keyring = await openKeyring(`file:${path}`);
    const other = await openKeyring(`file:${join(folder, 'other.json')}`);
    const wrapped = keyring.wrap(KEY, 'subject/acme/1');
    expect(keyring.unwrap(wrapped, 'subject/acme/1')).toEqual(KEY);
    expect(() => keyring.unwrap(wrapped, 'subject/acme/2')).toThrow(UnwrapError);
    expect(() => other.unwrap(wrapped, 'subject/acme/1')).toThrow(UnwrapError);
    expect(() => keyring.unwrap(wrapped.slice(3), 'subject/acme/1')).toThrow(UnwrapError);
    expect(() => keyring.unwrap(flipLast(wrapped), 'subject/acme/1')).toThrow(UnwrapError);
  });

  it('stays readable after a new key-encryption key took over, and the fingerprint stays', async () => {
    const before = await openKeyring(`file:${path}`);
    const wrapped = before.wrap(KEY, 'here');
    const json = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...json, kekId: 'k2', keks: { ...json.keks, k2: KEY.toString('base64') } }));
    const after = await openKeyring(`file:${path}`);
    expect(after.fingerprint).toBe(before.fingerprint);
    expect(after.unwrap(wrapped, 'here')).toEqual(KEY);
    expect(() => before.unwrap(after.wrap(KEY, 'here'), 'here')).toThrow(/no key-encryption key k2/);
  });
});

const flipLast = (text: string) => text.slice(0, -4) + (text.at(-4) === 'A' ? 'B' : 'A') + text.slice(-3);
