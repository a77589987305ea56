/**
 * The `X-Trace-*` family: headers that hand-written middlewares in many languages pass on, without a standard behind them.
 * `X-Span-Id` is the sending span, so it is the receiver's parent; `X-Parent-Span-Id` is the sending span's own parent.
 */
export const TRACE_ID_HEADER = 'x-trace-id'
export const SPAN_ID_HEADER = 'x-span-id'
export const PARENT_SPAN_ID_HEADER = 'x-parent-span-id'
export const SAMPLED_HEADER = 'x-sampled'

/**
 * Reads `X-Sampled`: `1` or `true`, `0` or `false`, in any case. Undefined means "not decided".
 *
 * @example
 * parseSampled('1') // true
 */
export function parseSampled(value: string): boolean | undefined {
  if (value.length === 0 || value.length > 8) return undefined
  switch (value.trim().toLowerCase()) {
    case '1':
    case 'true':
      return true
    case '0':
    case 'false':
      return false
    default:
      return undefined
  }
}
