/** How often the projectors' counters are read, in milliseconds. */
const READ_EVERY_MS = 500;
const COUNTER = /^gatebook_duplicates_skipped_total (\d+)/m;

/**
 * Adds up the events that projectors skipped because they had them already. A counter begins anew with its process, so what was counted
 * between the last reading and a kill is not seen: the sum is a lower bound.
 */
export function skippedDuplicates(urls: readonly string[]): { count(): number; stop(): Promise<void> } {
  const last = new Map<string, number>();
  let total = 0;
  const read = async (url: string) => {
    const answer = await fetch(`${url}/metrics`).catch(() => null);
    const value = Number(COUNTER.exec((await answer?.text()) ?? '')?.[1] ?? Number.NaN);
    if (Number.isNaN(value)) return;
    const before = last.get(url) ?? 0;
    total += value >= before ? value - before : value;
    last.set(url, value);
  };
  const readAll = () => Promise.all(urls.map(read));
  const timer = setInterval(() => void readAll(), READ_EVERY_MS);
  return {
    count: () => total,
    stop: async () => {
      clearInterval(timer);
      await readAll();
    },
  };
}
