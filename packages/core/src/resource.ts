import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { toAttributes } from './attributes.js'
import type { ResolvedOptions } from './options.js'
import type { Resource } from './span-data.js'
import { VERSION } from './version.js'

/** One per process; semantic conventions ask for a UUID. */
const instanceId: string = randomUUID()

/** The process as its spans name it. */
export function createResource(options: ResolvedOptions): Resource & { readonly service: string } {
  const found = options.service === undefined || options.version === undefined ? readNearestPackage() : {}
  const service = options.service ?? found.name ?? 'unknown_service'
  const version = options.version ?? found.version
  const { attributes } = toAttributes(
    {
      ...options.attributes,
      'service.name': service,
      'service.version': version,
      'deployment.environment.name': options.environment,
      'service.instance.id': instanceId,
      'process.pid': process.pid,
      'telemetry.sdk.name': 'clew',
      'telemetry.sdk.language': 'nodejs',
      'telemetry.sdk.version': VERSION,
    },
    options.limits,
  )
  return { service, attributes }
}

interface PackageIdentity {
  readonly name?: string
  readonly version?: string
}

/** The package.json above the main module, else above the working directory. */
function readNearestPackage(): PackageIdentity {
  const start = process.argv[1] ? dirname(process.argv[1]) : process.cwd()
  for (let folder = start; ; folder = dirname(folder)) {
    const found = readPackage(join(folder, 'package.json'))
    if (found?.name) return found
    if (folder === dirname(folder)) return {}
  }
}

function readPackage(path: string): PackageIdentity | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
    return { ...(typeof name === 'string' ? { name } : undefined), ...(typeof version === 'string' ? { version } : undefined) }
  } catch {
    return undefined
  }
}
