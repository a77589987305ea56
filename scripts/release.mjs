// `npm run release`: checks everything, then publishes what `npm run version` has given a new version.
import { spawnSync } from 'node:child_process'
import { pnpm } from './pnpm.mjs'
import { inRoot } from './workspace.mjs'

const checks = spawnSync(process.execPath, [inRoot('scripts', 'test.mjs')], { stdio: 'inherit', env: { ...process.env, CI: 'true' } })
process.exitCode = checks.status ?? 1
if (process.exitCode === 0) process.exitCode = pnpm(['exec', 'changeset', 'publish'])
