import { createRequire } from 'node:module'
import { createOtel } from '../../request/otel.mjs'
import { reportStart } from '../report.mjs'

await createOtel('express', 1)
// Only what is loaded with `require`, and later than this, is instrumented.
const express = createRequire(import.meta.url)('express')
express()
reportStart()
