// Makes bundles of the programs in bundles/, as services are often shipped. What it writes to bundled/ is run on every Node.
import assert from 'node:assert/strict'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'
import { build as buildWithVite } from 'vite'

// A second copy of core, under a name of its own.
cpSync('node_modules/@clew/core', 'node_modules/@clew/core-copy', { recursive: true })
const manifest = JSON.parse(readFileSync('node_modules/@clew/core-copy/package.json', 'utf8'))
writeFileSync('node_modules/@clew/core-copy/package.json', JSON.stringify({ ...manifest, name: '@clew/core-copy' }))

/** Packages of CommonJS `require` the modules of Node, which a bundle in ESM form has to be told how to do. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"
const common = { bundle: true, platform: 'node', target: 'node20', logLevel: 'silent', minify: true }

for (const name of ['app', 'copies']) {
  const entryPoints = [`bundles/${name}.mjs`]
  const results = [
    await build({ ...common, entryPoints, format: 'esm', outfile: `bundled/esbuild-${name}.mjs`, banner: { js: REQUIRE } }),
    // Bundles of CommonJS have no top-level await.
    await build({ ...common, stdin: wrap(name), format: 'cjs', outfile: `bundled/esbuild-${name}.cjs` }),
    await build({
      ...common,
      entryPoints,
      format: 'esm',
      external: ['express', 'koa', 'pino'],
      outfile: `bundled/esbuild-external-${name}.mjs`,
    }),
  ]
  for (const { warnings } of results) assert.deepEqual(warnings, [])
  await buildWithVite({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true, target: 'node' },
    build: {
      ssr: `bundles/${name}.mjs`,
      outDir: 'bundled',
      emptyOutDir: false,
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: `vite-${name}.mjs` } },
    },
  })
}

/** The program as the body of a function, its imports before it. */
function wrap(name) {
  const text = readFileSync(`bundles/${name}.mjs`, 'utf8')
  const imports = text.match(/^import .*$/gm).join('\n')
  const body = text.replaceAll(/^import .*$/gm, '')
  return {
    contents: `${imports}\nvoid (async () => {${body}})().catch((error) => { console.error(error); process.exitCode = 1 })`,
    resolveDir: 'bundles',
  }
}
