/** Jest reporter: a test that was skipped is a test that failed, and the last line counts plainly. */
module.exports = class NothingSkipped {
  onRunComplete(_contexts, results) {
    const skipped = results.numPendingTests + results.numTodoTests;
    this.failed = skipped > 0;
    if (this.failed) console.error(`${skipped} tests were skipped: every test has to run`);
    console.log(`${results.numPassedTests} passed, ${results.numFailedTests} failed, ${skipped} skipped`);
  }

  getLastError() {
    return this.failed ? new Error('tests were skipped') : undefined;
  }
};
