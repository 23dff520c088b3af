import { PARTITIONS, partitionOf } from './partitions.js';

describe('the partition of a stream', () => {
  it('never changes', () => {
    const streams = ['installation-installation+1', 'account-acme+0b6c', 'signIn-acme+7f00', 'role-globex+crm.reader'];
    expect(streams.map(partitionOf)).toMatchInlineSnapshot(`
[
  9,
  8,
  0,
  8,
]
`);
  });

  it('is one of twelve, and all of them are used alike', () => {
    const counts = Array.from({ length: PARTITIONS }, () => 0);
    for (let i = 0; i < 12_000; i += 1)
      counts[partitionOf(`account-acme+${i}`)] = (counts[partitionOf(`account-acme+${i}`)] ?? 0) + 1;
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1_150);
  });
});
