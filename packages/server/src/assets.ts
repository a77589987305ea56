import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { getMimeType } from 'hono/utils/mime'

/** A file of the dashboard, held in memory. */
export interface Asset {
  readonly body: Uint8Array<ArrayBuffer>
  readonly contentType: string
}

/** The built dashboard. */
export interface Assets {
  /** `index.html` as Vite wrote it. */
  readonly page: string
  /** By path below the directory, such as `assets/index-4f2a.js`. A request can name nothing else, whatever it spells. */
  readonly files: ReadonlyMap<string, Asset>
}

/** A function that gives the assets of `directory`: read once they are there, looked for anew until then. Undefined: not built. */
export function createAssetLoader(directory: string): () => Promise<Assets | undefined> {
  let assets: Assets | undefined
  return async function loadAssets() {
    assets ??= await readAssets(directory)
    return assets
  }
}

async function readAssets(directory: string): Promise<Assets | undefined> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(ignoreMissing)
  const paths = entries?.filter((entry) => entry.isFile()).map((entry) => relative(directory, join(entry.parentPath, entry.name)))
  if (!paths?.includes('index.html')) return undefined
  const files = new Map(await Promise.all(paths.map((path) => readAsset(directory, path))))
  return { page: await readFile(join(directory, 'index.html'), 'utf8'), files }
}

async function readAsset(directory: string, path: string): Promise<[string, Asset]> {
  const body = new Uint8Array(await readFile(join(directory, path)))
  return [path.replaceAll(sep, '/'), { body, contentType: getMimeType(path) ?? 'application/octet-stream' }]
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
