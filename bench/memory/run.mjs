// What lives in a process whose exporter hangs: no more than the queue may hold.
import { startChild } from '../child.mjs'
import { format, printTable } from '../table.mjs'

const DEFAULT_SECONDS = 60
const WARM_UP_SECONDS = 15
const STEPS = 4
const HEAD = ['after', 'requests', 'live MB', '+MB', 'queue MB', 'spans waiting', 'spans dropped']

/** @typedef {{ liveBytes: number, requests: number, queueBytes: number, maxBytes: number, waiting: number, dropped: number }} Figures */

/** @param {import('../options.mjs').BenchOptions & { node: import('../machine.mjs').NodeBinary }} options */
export async function runMemory({ frameworks, node, seconds = DEFAULT_SECONDS }) {
  for (const framework of frameworks) {
    const child = await startChild({
      file: new URL('worker.mjs', import.meta.url),
      args: [framework],
      node: node.path,
      nodeArgs: ['--expose-gc'],
    })
    try {
      /** @type {Figures} */
      const healthy = await child.ask('run', { hang: false, seconds: WARM_UP_SECONDS })
      const rows = [toRow('exporter answers', healthy, healthy)]
      for (let step = 1; step <= STEPS; step++) {
        const figures = await child.ask('run', { hang: true, seconds: seconds / STEPS })
        rows.push(toRow(`hangs for ${format((seconds * step) / STEPS)} s`, figures, healthy))
      }
      printTable(`memory, ${framework}, bound of the queue ${format(healthy.maxBytes / 2 ** 20)} MB`, HEAD, rows)
    } finally {
      await child.stop()
    }
  }
}

/**
 * @param {string} title
 * @param {Figures} figures
 * @param {Figures} healthy
 */
function toRow(title, figures, healthy) {
  const megabytes = (/** @type {number} */ bytes) => format(bytes / 2 ** 20, 1)
  return [
    title,
    format(figures.requests),
    megabytes(figures.liveBytes),
    figures === healthy ? '-' : megabytes(figures.liveBytes - healthy.liveBytes),
    megabytes(figures.queueBytes),
    format(figures.waiting),
    format(figures.dropped),
  ]
}
