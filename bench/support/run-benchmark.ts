/** Something to undo once the figures are there. */
export type Afterwards = (undo: () => unknown) => void;

/** Exit code of a command that was interrupted. */
const EXIT_INTERRUPTED = 130;

/**
 * Runs a benchmark as the process: whatever it set up is undone, last first, also when it fails (exit code 1) or is interrupted (130).
 * The work says what to undo as soon as there is something.
 */
export async function runBenchmark(work: (afterwards: Afterwards) => Promise<void>): Promise<void> {
  const steps: (() => unknown)[] = [];
  let interrupted = false;
  const interrupt = () => {
    if (interrupted) process.exit(EXIT_INTERRUPTED);
    interrupted = true;
    console.error('Interrupted: ending what was started…');
    void undoAll(steps).finally(() => process.exit(EXIT_INTERRUPTED));
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    await work((undo) => steps.push(undo));
  } catch (error) {
    if (!interrupted) console.error(error instanceof Error ? (error.stack ?? error.message) : error);
    process.exitCode = 1;
  }
  if (interrupted) await new Promise(() => {}); // the ground was taken away from under the work; the process is about to end
  await undoAll(steps);
  process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
}

/** One step that fails keeps no other from being taken. */
async function undoAll(steps: (() => unknown)[]): Promise<void> {
  for (let undo = steps.pop(); undo; undo = steps.pop()) {
    try {
      await undo();
    } catch (error) {
      console.error('Not everything could be cleaned up:', error);
      process.exitCode = 1;
    }
  }
}
