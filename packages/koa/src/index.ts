export * from '@clew/core'
export type { AdapterOptions, RequestTrace, ResponseHeader } from '@clew/core/adapter'
export { koaTracing } from './middleware.js'
export type { KoaContext, KoaMiddleware, KoaTraceState } from './middleware.js'
