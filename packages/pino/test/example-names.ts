// What the names mean that the examples in the doc blocks of this package use and do not make. They are run by scripts/test/examples.test.ts.
import { pino as createPino } from 'pino'
import { createLogger } from '../src/index.js'

export { pino } from 'pino'
export const logger: ReturnType<typeof createLogger> = createLogger({ level: 'info' }, createPino.destination({ dest: 2, sync: true }))
