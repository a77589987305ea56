import type { HeaderGetter } from './carrier.js'

/** A request as an adapter describes it, whatever its framework. */
export interface RequestDescription {
  readonly method: string
  /** The raw path, without the query. */
  readonly path: string
  /** Without the question mark; absent or empty where there is none. */
  readonly query?: string | undefined
  readonly scheme: 'http' | 'https'
  /** Reads a header by its lower-case name. */
  readonly header: HeaderGetter
  readonly peerAddress?: string | undefined
  readonly peerPort?: number | undefined
  /** `1.1`, `2`, ... */
  readonly protocolVersion?: string | undefined
}
