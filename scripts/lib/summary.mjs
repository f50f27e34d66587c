/** The counts of several suites as lines for people; the last one is the total. */
export function summary(suites) {
  const lines = suites.map((suite) => `${suite.title.padEnd(18)} ${counts(suite)}`);
  const skipped = suites.flatMap((suite) => suite.skipped.map((name) => `skipped: ${name}`));
  return ['', ...lines, ...skipped, '', counts(total(suites))].join('\n');
}

export function total(suites) {
  return {
    passed: suites.reduce((sum, suite) => sum + suite.passed, 0),
    failed: suites.reduce((sum, suite) => sum + suite.failed, 0),
    skipped: suites.flatMap((suite) => suite.skipped),
  };
}

const counts = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`;
