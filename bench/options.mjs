// What stands on the command line.
import { parseArgs } from 'node:util'

export const FRAMEWORKS = ['express', 'koa', 'hono']

/**
 * @typedef {object} BenchOptions
 * @property {string[]} given the words after the command, as they were written
 * @property {string[]} names the benchmarks to run
 * @property {string[]} frameworks
 * @property {string[]} variants all where empty
 * @property {number | undefined} rounds
 * @property {number | undefined} seconds measured per variant and round
 * @property {boolean} write puts the tables into docs/reference/performance.md
 * @property {string | undefined} against another checkout, built, whose clew is measured beside this one's
 */

/**
 * Throws where a name or number is none.
 *
 * @param {string[]} args
 * @param {string[]} known the benchmarks there are
 * @returns {BenchOptions}
 */
export function readOptions(args, known) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      framework: { type: 'string', multiple: true, default: FRAMEWORKS },
      variant: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      against: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  })
  positionals.forEach((name) => requireKnown(name, known))
  values.framework.forEach((name) => requireKnown(name, FRAMEWORKS))
  return {
    given: args.length > 0 ? ['--', ...args.filter((word) => word !== '--write')] : [],
    names: positionals.length > 0 ? positionals : known,
    frameworks: values.framework,
    variants: values.variant,
    rounds: values.rounds === undefined ? undefined : toPositive(values.rounds, '--rounds'),
    seconds: values.seconds === undefined ? undefined : toPositive(values.seconds, '--seconds'),
    against: values.against,
    write: values.write,
  }
}

/**
 * @param {string} name
 * @param {string[]} known
 */
function requireKnown(name, known) {
  if (!known.includes(name)) throw new Error(`${name} is none of ${known.join(', ')}`)
}

/**
 * @param {string} text
 * @param {string} option
 */
function toPositive(text, option) {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1) throw new Error(`${option} must be a whole number above zero, not ${text}`)
  return number
}
