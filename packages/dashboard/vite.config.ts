import preact from '@preact/preset-vite'
import { defaultClientConditions, defineConfig } from 'vite'
import type { UserConfig } from 'vite'

// `base: './'` keeps every URL relative to <base href>, which the server points at its mount path.
// Nothing is inlined: the page runs under `script-src 'self'; style-src 'self'`.
const config: UserConfig = defineConfig({
  base: './',
  plugins: [preact({ devToolsEnabled: false, prefreshEnabled: false })],
  resolve: { conditions: ['@clew/source', ...defaultClientConditions] },
  build: {
    outDir: '../server/assets',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
})

export default config
