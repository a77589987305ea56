// Processes that answer questions: one message in, one message out.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { pinTo } from './machine.mjs'

/**
 * @typedef {object} ChildSeed
 * @property {URL} file the module to run
 * @property {string[]} [args]
 * @property {string} node the binary
 * @property {string[]} [nodeArgs]
 * @property {number} [processor] the processor to keep it on
 */

/**
 * Starts a module that calls `answer`. Rejects where the process ends before it has said that it is ready.
 *
 * @param {ChildSeed} seed
 */
export async function startChild({ file, args = [], node, nodeArgs = [], processor }) {
  const [command = node, ...rest] = [...pinTo(processor), node, ...nodeArgs, fileURLToPath(file), ...args]
  const child = spawn(command, rest, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  const ended = once(child, 'exit')

  async function receive() {
    const [reply] = await Promise.race([once(child, 'message'), ended.then(([code]) => failed(code))])
    if (reply.error !== undefined) throw new Error(reply.error)
    return reply.value
  }

  /** @param {number | null} code */
  function failed(code) {
    return [{ error: `${fileURLToPath(file)} ${args.join(' ')} ended with code ${code}` }]
  }

  await receive()
  return {
    /**
     * Calls the child's function of this name; rejects with what it threw.
     *
     * @param {string} name
     * @param {unknown} [input]
     */
    ask(name, input) {
      const reply = receive()
      child.send({ name, input })
      return reply
    },
    async stop() {
      if (child.exitCode === null) child.disconnect()
      await ended
    },
  }
}

/**
 * The other end: answers each message by the function of that name, and ends with the parent.
 *
 * @param {Record<string, (input: any) => unknown>} functions
 */
export function answer(functions) {
  process.on('message', (message) => void respond(functions, message))
  process.on('disconnect', () => process.exit())
  process.send?.({ value: 'ready' })
}

/**
 * @param {Record<string, (input: any) => unknown>} functions
 * @param {any} message
 */
async function respond(functions, { name, input }) {
  try {
    process.send?.({ value: await functions[name]?.(input) })
  } catch (error) {
    process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
}
