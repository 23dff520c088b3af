import { readFrontSettings } from './front.settings.js';
import { isTrusted, parseRanges } from './trusted-peers.js';

const problems = (env: Record<string, string>) => {
  try {
    readFrontSettings(env);
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('the environment of the front', () => {
  it('says where each server is, several times for several instances', () => {
    const { upstreams, port, host } = readFrontSettings({
      GATEBOOK_UPSTREAMS: 'gate=http://a:1, gate=http://b:2/, audit=http://[::1]:3',
      HOST: '',
    });
    expect([...upstreams]).toEqual([
      ['gate', ['http://a:1', 'http://b:2']],
      ['audit', ['http://[::1]:3']],
    ]);
    expect([port, host]).toEqual([3000, '127.0.0.1']);
  });

  it.each([
    [{}, 'GATEBOOK_UPSTREAMS must say where the servers are'],
    [{ GATEBOOK_UPSTREAMS: 'gate=https://a' }, 'must be NAME=http://HOST:PORT'],
    [{ GATEBOOK_UPSTREAMS: 'gate=http://user:secret@a' }, 'must be NAME=http://HOST:PORT'],
    [{ GATEBOOK_UPSTREAMS: 'gate=http://a:99999' }, 'must be NAME=http://HOST:PORT'],
    [{ GATEBOOK_UPSTREAMS: 'gate=http://a', PORT: '0' }, 'PORT must be a port number'],
    [
      { GATEBOOK_UPSTREAMS: 'gate=http://a', GATEBOOK_TRUSTED_PROXIES: '0.0.0.0/0' },
      'GATEBOOK_TRUSTED_PROXIES must be',
    ],
  ])('%j is refused', (env, reason) => {
    expect(problems(env)).toContain(reason);
    expect(problems(env)).not.toContain('secret');
  });
});

describe('trusted peers', () => {
  it.each([
    ['loopback', '127.0.0.1', true],
    ['loopback', '::ffff:127.0.0.1', true],
    ['loopback', '::1', true],
    ['uniquelocal', '10.1.2.3', true],
    ['10.0.0.0/24', '10.0.1.1', false],
    ['fd00::/8', 'fd12::1', true],
    ['192.0.2.7', '192.0.2.8', false],
    ['loopback', 'nonsense', false],
  ])('%s and %s: %s', (range, address, expected) => {
    const ranges = parseRanges([range]);
    expect(ranges && isTrusted(ranges, address)).toBe(expected);
  });

  it.each(['0.0.0.0/0', '::/0', '10.0.0.0/33', '10.0.0.0/8/8', 'somewhere', '10.0.0.1/'])('%s is no range', (range) =>
    expect(parseRanges([range])).toBeNull(),
  );
});
