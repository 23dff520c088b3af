/** Set-up cannot go on; the message tells the reader what to do. Printed without a stack trace. */
export class SetUpError extends Error {}

/** The sources do not build. What is installed is sound, so checks that do not need the build can still say more. */
export class BuildError extends SetUpError {}

/** Runs a command-line entry point: a SetUpError becomes one readable message and exit code 1, anything else is a defect. */
export async function runEntryPoint(main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    process.stderr.write(`gatebook: ${error.message}\n`);
    process.exitCode = 1;
  }
}
