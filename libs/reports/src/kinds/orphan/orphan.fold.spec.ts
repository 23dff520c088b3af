import {
  absorbed,
  ada,
  bo,
  type Fact,
  historyOf,
  linked,
  manually,
  merged,
  provisioned,
  unlinked,
} from '#libs/testing';
import { connectionsOf, orphanhoodOf, type SourceThen, troubleOf } from './orphan.fold.js';

/** Goal: to what an account is tied, and whether that vouches for it, by the words of the findings. */

const day = (n: number) => `2026-03-${String(n).padStart(2, '0')}T08:00:00.000Z`;
const source = (over: Partial<SourceThen> = {}): SourceThen => ({
  connection: 'okta',
  removed: false,
  enabled: true,
  begunAt: day(1),
  heardAt: day(5),
  ...over,
});
const subject = ada.profile.userName;

describe('an account is tied', () => {
  const tiedBy = (...facts: readonly Fact[]) => connectionsOf(historyOf(...facts));

  it('to the connections that it is linked through, each once', () =>
    expect(tiedBy(provisioned(ada), linked(ada, 'entra', 'a'), linked(ada, 'okta', 'b'))).toEqual(['entra', 'okta']));

  it('to the one that made it, where it is linked to nothing', () =>
    expect(tiedBy(provisioned(ada), unlinked(ada, 'okta', subject))).toEqual(['okta']));

  it('to nothing, where it was made by hand', () =>
    expect(tiedBy(provisioned(ada, { source: manually, links: [] }))).toEqual([]));

  it('by what it takes over, and no more by what goes over with a merge', () => {
    expect(tiedBy(provisioned(ada), absorbed(ada, bo, [{ connection: 'entra', subject: 'bo' }]))).toEqual([
      'entra',
      'okta',
    ]);
    expect(tiedBy(provisioned(bo), linked(bo, 'entra', 'x'), merged(bo, ada))).toEqual(['okta']);
  });

  it('still by one of two links whose subjects cannot be read any more', () =>
    expect(
      tiedBy(
        provisioned(ada, { links: [] }),
        linked(ada, 'entra', '[erased]'),
        linked(ada, 'entra', '[erased]'),
        unlinked(ada, 'entra', '[erased]'),
      ),
    ).toEqual(['entra']));

  it('by every one that it took over, although their subjects cannot be read any more', () =>
    expect(
      tiedBy(
        provisioned(ada, { links: [] }),
        linked(ada, 'entra', '[erased]'),
        absorbed(ada, bo, [{ connection: 'entra', subject: '[erased]' }]),
        unlinked(ada, 'entra', '[erased]'),
      ),
    ).toEqual(['entra']));

  it('only once by what it takes over although it had it', () =>
    expect(
      tiedBy(
        provisioned(ada, { links: [] }),
        linked(ada, 'entra', 'a'),
        absorbed(ada, bo, [{ connection: 'entra', subject: 'a' }]),
        unlinked(ada, 'entra', 'a'),
      ),
    ).toEqual(['okta']));
});

describe('a source', () => {
  it.each([
    ['is gone when there is none', undefined, 'source-gone'],
    ['is gone when it was removed', source({ removed: true, enabled: false }), 'source-gone'],
    ['is disabled', source({ enabled: false }), 'source-disabled'],
    ['is silent when it was last heard of before the instant', source({ heardAt: day(3) }), 'source-silent'],
    ['is not silent at that very instant', source({ heardAt: day(4) }), null],
    ['is not silent when it has just been enabled', source({ begunAt: day(6), heardAt: day(1) }), null],
  ] as const)('%s', (_name, then, trouble) => expect(troubleOf(then, day(4))).toBe(trouble));
});

describe('an orphan', () => {
  const sources = new Map([
    ['okta', source({ heardAt: day(2) })],
    ['entra', source({ connection: 'entra', enabled: false })],
    ['fine', source({ connection: 'fine' })],
  ]);
  const orphanhood = (...connections: string[]) => orphanhoodOf(connections, (each) => sources.get(each), day(4));

  it('is one whose every source is lost; the best of them says why', () =>
    expect(orphanhood('entra', 'gone', 'okta')).toEqual({
      code: 'source-silent',
      connection: 'okta',
      sources: ['entra: source-disabled', 'gone: source-gone', 'okta: source-silent'],
    }));

  it('is not one for whom a single source vouches, nor one without any', () => {
    expect(orphanhood('entra', 'fine')).toBeNull();
    expect(orphanhood()).toBeNull();
  });
});
