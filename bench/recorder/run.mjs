// What the flight recorder adds to a request that is not sampled.
import { median } from '../statistics.mjs'
import { format, formatRange, printTable } from '../table.mjs'
import { measureRounds } from '../workers.mjs'

const DEFAULT_ROUNDS = 5
const HEAD = ['recorder', 'CPU ns/request [rounds]', 'added ns', 'bytes/request']

/** @param {{ node: import('../machine.mjs').NodeBinary, rounds?: number | undefined }} options */
export async function runRecorder({ node, rounds = DEFAULT_ROUNDS }) {
  const variants = ['off', 'on']
  const results = await measureRounds({ file: new URL('worker.mjs', import.meta.url), variants, node: node.path, rounds })
  const { cpu: off = [] } = results.get('off') ?? {}
  const rows = variants.map((name) => {
    const { cpu = [], bytes = [] } = results.get(name) ?? {}
    return [name, formatRange(median(cpu), cpu, 0), format(median(cpu) - median(off), 0), format(median(bytes), 0)]
  })
  printTable('flight recorder: a request of three spans that passes', HEAD, rows)
}
