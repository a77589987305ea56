export * from '@clew/core'
export type { AdapterOptions, RequestTrace, ResponseHeader } from '@clew/core/adapter'
export { expressErrors, expressTracing } from './middleware.js'
export type { ExpressErrorHandler, ExpressHandler, ExpressNext } from './middleware.js'
