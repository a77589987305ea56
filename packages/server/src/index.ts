export { createServer } from './server.js'
export { serve } from './serve.js'
export type { RunningServer, ServeOptions } from './serve.js'
export type { ServerLimits, ServerOptions } from './options.js'
