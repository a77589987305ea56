export { toOtlpJson } from '@clew/core/otlp'
export { fromOtlpJson } from './otlp-json.js'
export type { ReadPayload, RejectedSpans } from './otlp-json.js'
