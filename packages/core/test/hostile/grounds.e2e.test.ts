import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const host = fileURLToPath(new URL('host.mjs', import.meta.url))
const known = process.allowedNodeEnvironmentFlags
const permission = known.has('--permission') ? '--permission' : '--experimental-permission'
/** Node 25 and later ask for the net as well. */
const net = known.has('--allow-net') ? ['--allow-net'] : []
const readable = fileURLToPath(new URL('../../', import.meta.url))

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function run(flags: readonly string[], what: string, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env['PATH'], ...env }, timeout: 30_000, killSignal: 'SIGKILL' } as const
    execFile(process.execPath, [...flags, host, what], options, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr }),
    )
  })
}

/** The request was answered, all of it recorded, and nothing said. */
function expectUnharmed({ code, stdout, stderr }: Ended): void {
  expect(stderr).toBe('')
  expect(code).toBe(0)
  const told = JSON.parse(stdout) as { id: string; names: string[] }
  expect(told).toMatchObject({ status: 200, text: 'answered', id: expect.stringMatching(/^[0-9a-f]{32}$/), errors: [] })
  expect(told).toHaveProperty('got', expect.stringContaining(told.id))
  expect(told.names.toSorted()).toEqual(['GET', 'GET', 'failing', 'work'])
}

describe('a request is answered and recorded, and nothing is printed,', () => {
  it.each([
    ['--frozen-intrinsics', '--no-warnings'],
    ['--disable-proto=throw'],
    ['--disable-proto=delete'],
    ['--disallow-code-generation-from-strings'],
    ['--no-deprecation'],
    ['--throw-deprecation'],
    ['--pending-deprecation', '--trace-warnings'],
    ['--unhandled-rejections=strict'],
    ['--max-old-space-size=64'],
    ['--no-warnings', permission, `--allow-fs-read=${readable}*`, ...net],
  ])('under %s %s', async (...flags) => {
    expectUnharmed(await run(flags, 'nothing', { NAME_ITSELF: '1' }))
  })

  it.each([
    'enumerable junk',
    'members of options',
    'a stack trace that throws',
    'no stack',
    'another Promise',
    'a clock of its own',
    'no timers',
  ])('on a ground with %s', async (what) => {
    expectUnharmed(await run([], what))
  })

  it('on a ground where every object has headers, links and a kind', async () => {
    const { code, stdout, stderr } = await run([], 'members of requests')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const told = JSON.parse(stdout) as { names: string[] }
    // Fetch itself refuses to fetch there.
    expect(told).toMatchObject({ status: 200, text: 'answered', id: expect.stringMatching(/^[0-9a-f]{32}$/), errors: [] })
    expect(told.names.toSorted()).toEqual(['GET', 'failing', 'work'])
  })

  it.each(['inherited members', 'setters that swallow', 'a frozen ground', 'another JSON', 'a performance of its own'])(
    'or at least answered, on a ground with %s',
    async (what) => {
      const { code, stdout } = await run([], what)
      expect(code).toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({ status: 200, text: 'answered' })
    },
  )
})
