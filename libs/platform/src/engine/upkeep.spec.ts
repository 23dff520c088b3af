import { SWEEP_ROWS } from '#libs/identity';
import type { Engine } from './open-engine.js';
import { EngineUpkeep } from './upkeep.js';

/** Something with so many expired rows; says how often it was swept. */
function withExpired(rows: number) {
  let left = rows;
  const counted = {
    sweeps: 0,
    left: () => left,
    sweep: async () => {
      counted.sweeps += 1;
      const deleted = Math.min(left, SWEEP_ROWS);
      left -= deleted;
      return deleted;
    },
  };
  return counted;
}

// Method: the upkeep sweeps parts that only count; work is measured in sweeps, not in time.
describe('upkeep', () => {
  const engineOf = (parts: object) =>
    ({
      signInTransactions: withExpired(0),
      assertionReplays: withExpired(0),
      identityKeysFollower: withExpired(0),
      catalog: { current: async () => ({ tenants: () => [] }) },
      ...parts,
    }) as unknown as Engine;

  it('sweeps again while a full batch came back, and once where less did', async () => {
    const [sessions, signInTransactions] = [withExpired(2 * SWEEP_ROWS + 3), withExpired(3)];
    await new EngineUpkeep(engineOf({ sessions, signInTransactions })).sweep();
    expect([sessions.left(), sessions.sweeps]).toEqual([0, 3]);
    expect([signInTransactions.left(), signInTransactions.sweeps]).toEqual([0, 1]);
  });

  it('does not go on with a batch after the server was told to stop', async () => {
    const sessions = withExpired(5 * SWEEP_ROWS);
    const upkeep = new EngineUpkeep(engineOf({ sessions }));
    await upkeep.onApplicationShutdown();
    await upkeep.sweep();
    expect(sessions.sweeps).toBe(1);
  });
});
