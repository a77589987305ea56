export * from '@clew/core'
export { expressErrors, expressTracing } from './middleware.js'
export type { ExpressErrorHandler, ExpressHandler, ExpressNext } from './middleware.js'
