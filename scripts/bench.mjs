// `npm run bench`: every benchmark, against its peers in the same run.
import { pathToFileURL } from 'node:url'
import { setUp } from './setup.mjs'
import { inRoot } from './workspace.mjs'

await setUp('everything')
const main = inRoot('bench', 'run.mjs')
process.argv[1] = main
await import(pathToFileURL(main).href)
