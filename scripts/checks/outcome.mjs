// What a stage of `npm test` reports.

/** @typedef {{ name: string, output: string }} Failure */

/**
 * @typedef {object} Outcome
 * @property {number} passed
 * @property {number} skipped
 * @property {Failure[]} failures one for each failed check or test; where tests share one output, the first holds it
 * @property {string[]} [notes] lines worth reading although nothing failed
 */

/**
 * The outcome of a single check.
 *
 * @param {string} name
 * @param {string[]} problems none where it passed
 * @returns {Outcome}
 */
export function judge(name, problems) {
  if (problems.length === 0) return { passed: 1, skipped: 0, failures: [] }
  return { passed: 0, skipped: 0, failures: [{ name, output: problems.join('\n') }] }
}

/**
 * @param {Outcome[]} outcomes
 * @returns {Outcome}
 */
export function addUp(outcomes) {
  return {
    passed: outcomes.reduce((sum, { passed }) => sum + passed, 0),
    skipped: outcomes.reduce((sum, { skipped }) => sum + skipped, 0),
    failures: outcomes.flatMap(({ failures }) => failures),
    notes: outcomes.flatMap(({ notes }) => notes ?? []),
  }
}
