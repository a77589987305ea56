import { createLogger, logRequests } from '@clew/pino'
import { pino, type Logger } from 'pino'

/** The log of this process: pino lines with the ids of the active trace, and one line for every request that came or went. */
export const log: Logger = createLogger({ base: null }, pino.destination(process.env.LOG_FILE ?? 1))
logRequests(log)
