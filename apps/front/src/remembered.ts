/** Does some work when asked, at most once in a while: who asks meanwhile gets the same answer. A failure is not remembered. */
export function remembered<T>(forMs: number, work: () => Promise<T>): () => Promise<T> {
  let until = 0;
  let answer: Promise<T> | undefined;
  return () => {
    if (answer && performance.now() < until) return answer;
    until = performance.now() + forMs;
    answer = work();
    answer.catch(() => {
      until = 0;
    });
    return answer;
  };
}
