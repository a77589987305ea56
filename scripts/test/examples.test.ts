import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { format } from 'node:util'
import { resetDefaultTracer } from '../../packages/core/src/adapter.js'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { writeProgram, type Program } from '../example-program.mjs'
import { listDocumented } from '../doc-examples.mjs'
import { run } from '../run.mjs'
import { ROOT, inRoot } from '../workspace.mjs'

const found = listDocumented()
const programs = found.flatMap((documented) => (documented.example === undefined ? [] : [writeProgram(documented)]))
const folders = new Set(programs.map(({ folder }) => folder))
const project = inRoot('node_modules', '.clew-examples.json')

beforeAll(() => {
  for (const folder of folders) mkdirSync(folder, { recursive: true })
  for (const { file, code } of programs) writeFileSync(file, code)
})
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
  rmSync(project, { force: true })
})
afterEach(() => resetDefaultTracer())

test('every value that can be imported has an example in its doc block, and so has every interface with methods', () => {
  expect(found.length).toBeGreaterThan(55)
  expect(found.filter(({ example }) => example === undefined).map(({ name, file, line }) => `${file}:${line}: ${name} has none`)).toEqual(
    [],
  )
})

test('the examples have the types that they need', async () => {
  // Examples are short, and good for JavaScript too.
  const lenient = { noUnusedLocals: false, noUnusedParameters: false, noImplicitAny: false }
  const compilerOptions = { ...lenient, allowImportingTsExtensions: true, composite: false, incremental: false }
  const files = programs.map(({ file }) => file)
  writeFileSync(project, JSON.stringify({ extends: '../tsconfig.test.json', compilerOptions, files, include: [] }))
  const { output } = await run(inRoot('node_modules', '.bin', 'tsc'), ['-p', project, '--pretty', 'false'], { cwd: ROOT })
  expect(output.split('\n').filter(Boolean).map(toDocLine)).toEqual([])
})

// The suite of the stores registers tests, which none can do while it runs; the store's own tests make the same call.
const runnable = programs.filter(({ source }) => source !== 'packages/store/src/conformance.ts')

test.each(runnable.map((program) => [program.title, program] as const))(
  '%s runs, and does what it says',
  async (_title, { file, printed }) => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    try {
      const program: { run(same: typeof compareValues): Promise<void> } = await import(file)
      await program.run(compareValues)
      if (printed.length > 0) expect(log.mock.calls.map((values) => format(...values))).toEqual(printed)
    } finally {
      log.mockRestore()
    }
  },
)

function compareValues(actual: unknown, expected: unknown): void {
  expect(actual).toEqual(expected)
}

/** The message of the compiler, told of the doc block that the line comes from. */
function toDocLine(message: string): string {
  const [, path = '', line = '', rest = ''] = /^(.+?)\((\d+),\d+\): (.+)$/.exec(message) ?? []
  const program = programs.find(({ file }: Program) => relative(ROOT, file) === path)
  return program === undefined ? message : `${program.source}:${program.line + Number(line) - program.firstLine}: ${rest}`
}
