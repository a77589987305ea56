// `npm run demo`: five services, a worker and a legacy hop, and what clew says about them.
import { pathToFileURL } from 'node:url'
import { setUp } from './setup.mjs'
import { inRoot } from './workspace.mjs'

await setUp()
const main = inRoot('examples', 'shop', 'dist', 'demo.js')
// In this very process: signals, the exit code and the terminal are the demo's own.
process.argv[1] = main
await import(pathToFileURL(main).href)
