import { expect, test } from 'vitest'
import { run } from '../run.mjs'

test('tells the code and everything that was written', async () => {
  const result = await run(process.execPath, ['-e', 'console.log("out"); console.error("err"); process.exitCode = 3'])
  expect(result).toMatchObject({ code: 3, leftBehind: [] })
  expect(result.output).toContain('out')
  expect(result.output).toContain('err')
})

test.each([{ detached: false }, { detached: true }])(
  'ends what a command leaves behind, and names it (detached: $detached)',
  async ({ detached }) => {
    const script = `
    const options = { stdio: 'ignore', detached: ${detached} }
    const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], options)
    child.unref()
    console.log(child.pid)
  `
    const { code, output, leftBehind } = await run(process.execPath, ['-e', script])
    const pid = Number(output)
    expect(code).toBe(0)
    expect(leftBehind).toHaveLength(1)
    await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false)
  },
)

test('rejects where the command cannot be started', async () => {
  await expect(run('/nowhere/no-such-command', [])).rejects.toThrow('ENOENT')
})

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
