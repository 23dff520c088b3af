/** Things under way at the same time: enough to share commits, few enough to let requests through. */
const AT_ONCE = 64;

/**
 * Does something for each item, some at a time. An item that fails holds no other up.
 * @throws {Error} when any failed, once all others were tried, or when so many fail in a row that it is not the items
 */
export async function forEachAtOnce<T>(
  items: readonly T[],
  signal: AbortSignal,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const waiting = [...items].reverse();
  const failures: unknown[] = [];
  let inARow = 0;
  const worker = async () => {
    for (let item = waiting.pop(); item !== undefined && !signal.aborted && inARow < AT_ONCE; item = waiting.pop())
      await work(item).then(
        () => {
          inARow = 0;
        },
        (error: unknown) => {
          inARow += 1;
          failures.push(error);
        },
      );
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (failures.length > 0)
    throw new Error(`${failures.length} of ${items.length} could not be looked after.`, { cause: failures[0] });
}
