export * from '@clew/core'
export type { AdapterOptions, RequestTrace, ResponseHeader } from '@clew/core/adapter'
export { honoTracing } from './middleware.js'
export type { TraceVariables } from './middleware.js'
