export * from '@clew/core'
export { honoTracing } from './middleware.js'
export type { TraceVariables } from './middleware.js'
