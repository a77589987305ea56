// `npm run clew -- <command>`: the command line of this checkout, run where npm was called.
import { pathToFileURL } from 'node:url'
import { setUp } from './setup.mjs'
import { inRoot } from './workspace.mjs'

await setUp()
const main = inRoot('packages', 'cli', 'bin', 'clew.js')
process.chdir(process.env.INIT_CWD ?? process.cwd())
// In this very process: signals, the exit code and the terminal are the command's own.
process.argv[1] = main
await import(pathToFileURL(main).href)
