/** An error whose message is all that a person needs: what is wrong and what to do. Shown without a stack. */
export class Failure extends Error {}

/** Runs a script's main function; a failure is told in one place and sets the exit code. */
export async function main(run) {
  try {
    await run();
  } catch (error) {
    console.error(error instanceof Failure ? error.message : error);
    process.exitCode = 1;
  }
}
