export * from '@clew/core'
export { koaTracing } from './middleware.js'
export type { KoaContext, KoaMiddleware, KoaTraceState } from './middleware.js'
