/**
 * Jest reporter: a test that was skipped is a test that failed, the last line counts plainly, and a run that does
 * not end by itself says what keeps it and ends all the same, with its own verdict: nobody waits for it for hours.
 */

const ENDS_BY_ITSELF_MS = 60_000;

module.exports = class RunVerdict {
  onRunComplete(_contexts, results) {
    const skipped = results.numPendingTests + results.numTodoTests;
    this.failed = skipped > 0;
    if (this.failed) console.error(`${skipped} tests were skipped: every test has to run`);
    console.log(`${results.numPassedTests} passed, ${results.numFailedTests} failed, ${skipped} skipped`);
    setTimeout(() => {
      const open = process.getActiveResourcesInfo().join(', ');
      console.error(
        `the tests are over for ${ENDS_BY_ITSELF_MS / 1000} s, and something is left open: ${open}`,
      );
      process.exit(results.success ? 0 : 1);
    }, ENDS_BY_ITSELF_MS).unref();
  }

  getLastError() {
    return this.failed ? new Error('tests were skipped') : undefined;
  }
};
