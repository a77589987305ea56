import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findServicePackage } from '../src/resource.js'

/** A folder with these files, gone at the end. */
async function folder(files: Readonly<Record<string, string>>): Promise<AsyncDisposable & { at(path: string): string }> {
  const root = await mkdtemp(join(tmpdir(), 'clew-resource-'))
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
  return { at: (path) => join(root, path), [Symbol.asyncDispose]: () => rm(root, { recursive: true }) }
}

const FILES = {
  'app/package.json': '{"name":"orders","version":"1.2.3"}',
  'app/dist/package.json': '{"type":"module"}',
  'app/node_modules/pm2/package.json': '{"name":"pm2","version":"5.0.0"}',
  'elsewhere/package.json': '{"name":"elsewhere"}',
  'bare/broken/package.json': '{',
}

describe('findServicePackage', () => {
  it('takes the named package above the main module, wherever it was started', async () => {
    await using files = await folder(FILES)
    expect(findServicePackage(files.at('app/dist/main.js'), files.at('elsewhere'))).toEqual({ name: 'orders', version: '1.2.3' })
  })

  it('takes the working directory where a tool is the main module', async () => {
    await using files = await folder(FILES)
    const main = files.at('app/node_modules/pm2/lib/fork.js')
    expect(findServicePackage(main, files.at('app/dist'))).toEqual({ name: 'orders', version: '1.2.3' })
    expect(findServicePackage(main, files.at('elsewhere'))).toEqual({ name: 'elsewhere' })
  })

  it('takes an installed package that is run where there is no other', async () => {
    await using files = await folder(FILES)
    expect(findServicePackage(files.at('app/node_modules/pm2/bin.js'), files.at('bare'))).toEqual({ name: 'pm2', version: '5.0.0' })
  })

  it('takes the working directory where there is no main module, or none in a package', async () => {
    await using files = await folder(FILES)
    expect(findServicePackage(undefined, files.at('app'))).toEqual({ name: 'orders', version: '1.2.3' })
    expect(findServicePackage(files.at('bare/broken/main.js'), files.at('app'))).toEqual({ name: 'orders', version: '1.2.3' })
  })

  it('finds nothing where nothing is', async () => {
    await using files = await folder(FILES)
    expect(findServicePackage(undefined, files.at('bare/broken'))).toEqual({})
  })
})
