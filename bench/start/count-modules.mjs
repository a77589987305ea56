// Counts the modules that are loaded after it, those of Node aside: node --import count-modules.mjs programs/koa-clew.mjs.
import { createRequire } from 'node:module'

const { registerHooks } = createRequire(import.meta.url)('node:module')
const counter = /** @type {{ countedModules?: number }} */ (globalThis)

// Node 20 has no hooks that see `require` and `import` alike; the count stays undefined there.
if (registerHooks !== undefined) {
  counter.countedModules = 0
  registerHooks({
    load(/** @type {string} */ url, /** @type {unknown} */ context, /** @type {(url: string, context: unknown) => unknown} */ nextLoad) {
      if (!url.startsWith('node:')) counter.countedModules = (counter.countedModules ?? 0) + 1
      return nextLoad(url, context)
    },
  })
}
