import { toAttributes } from './attributes.js'
import { dirname, join, readFileSync } from './builtins.js'
import { randomUuid } from './ids.js'
import type { ResolvedOptions } from './options.js'
import type { Resource } from './span-data.js'
import { VERSION } from './version.js'

/** One per process; semantic conventions ask for a UUID. */
const instanceId: string = randomUuid()

/** The process as its spans name it. */
export function createResource(options: ResolvedOptions): Resource & { readonly service: string } {
  const found = options.service === undefined || options.version === undefined ? findServicePackage(process.argv[1], currentFolder()) : {}
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

/** A folder that was deleted meanwhile cannot be named. */
function currentFolder(): string {
  try {
    return process.cwd()
  } catch {
    return '/'
  }
}

/** What a package.json says a service is called. */
export interface PackageIdentity {
  readonly name?: string
  readonly version?: string
}

const IN_MODULES = /[\\/]node_modules[\\/]/

/**
 * The nearest package.json with a name above the main module, else above the working directory. The other way round where the main
 * module is an installed package: it may be the tool that runs the service (pm2, ts-node, a test runner).
 */
export function findServicePackage(mainModule: string | undefined, workingFolder: string): PackageIdentity {
  if (!mainModule) return findPackageAbove(workingFolder) ?? {}
  const mainFolder = dirname(mainModule)
  const [first, second] = IN_MODULES.test(mainModule) ? [workingFolder, mainFolder] : [mainFolder, workingFolder]
  return findPackageAbove(first) ?? findPackageAbove(second) ?? {}
}

function findPackageAbove(start: string): PackageIdentity | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const found = readPackage(join(folder, 'package.json'))
    if (found?.name) return found
    if (folder === dirname(folder)) return undefined
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
