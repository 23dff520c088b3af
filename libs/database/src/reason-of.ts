/** What an error of any origin says: its message, or the code where the system gives no message (a refused connection over two addresses). */
export function reasonOf(error: unknown): string {
  const { message, code } = (error ?? {}) as { message?: string; code?: string };
  return message || code || 'unknown error';
}
