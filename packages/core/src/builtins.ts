import type * as AsyncHooks from 'node:async_hooks'
import type * as Crypto from 'node:crypto'
import type * as DiagnosticsChannel from 'node:diagnostics_channel'
import type * as FileSystem from 'node:fs'
import type * as Net from 'node:net'
import type * as Path from 'node:path'
import type * as Util from 'node:util'

/**
 * What core takes from Node. An `import` of one of these modules reads all that it exports, getters included (`node:fs` loads its promises),
 * which costs a starting service 0.2 to 1.2 ms each; asked for like this they cost nothing (docs/adr/0005-published-packages-are-bundled.md).
 */
const asyncHooks: typeof AsyncHooks = process.getBuiltinModule('node:async_hooks')
const crypto: typeof Crypto = process.getBuiltinModule('node:crypto')
const diagnosticsChannel: typeof DiagnosticsChannel = process.getBuiltinModule('node:diagnostics_channel')
const fs: typeof FileSystem = process.getBuiltinModule('node:fs')
const net: typeof Net = process.getBuiltinModule('node:net')
const path: typeof Path = process.getBuiltinModule('node:path')
const util: typeof Util = process.getBuiltinModule('node:util')

export const AsyncLocalStorage: typeof AsyncHooks.AsyncLocalStorage = asyncHooks.AsyncLocalStorage
export const hash: typeof Crypto.hash = crypto.hash
export const randomFillSync: typeof Crypto.randomFillSync = crypto.randomFillSync
export const subscribe: typeof DiagnosticsChannel.subscribe = diagnosticsChannel.subscribe
export const readFileSync: typeof FileSystem.readFileSync = fs.readFileSync
export const isIP: typeof Net.isIP = net.isIP
/** `BlockList` is a getter that loads it. */
export const createBlockList = (): Net.BlockList => new net.BlockList()
export const dirname: typeof Path.dirname = path.dirname
export const join: typeof Path.join = path.join
export const types: typeof Util.types = util.types
