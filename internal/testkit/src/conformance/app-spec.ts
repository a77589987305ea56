import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import type { AdapterOptions, RequestTrace } from '@clew/core/adapter'

/** A request as the handlers of the suite see it, whatever the framework. */
export interface Exchange {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  /** The handle that the adapter gives to handlers. */
  readonly trace: RequestTrace | undefined
}

/** What a handler answers; the framework sends it in its own way. */
export interface Answer {
  /** Default: 200. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Default: empty. */
  readonly body?: string | Readable
}

/** Undefined passes the request on to the next handler. */
export type Handler = (exchange: Exchange) => Answer | undefined | Promise<Answer | undefined>

export interface RouteSpec {
  /** Default: GET. */
  readonly method?: 'GET' | 'POST'
  /** In the form that all frameworks share: `/orders/:id`. */
  readonly path: string
  readonly handler: Handler
}

/** Routes, and more routers under prefixes. */
export interface RouterSpec {
  readonly routes?: readonly RouteSpec[]
  readonly routers?: Readonly<Record<string, RouterSpec>>
  /** Runs before the routes of this router and passes every request on. */
  readonly before?: (exchange: Exchange) => void
}

/** An application inside another one. */
export interface MountSpec extends RouterSpec {
  /** The adapter, installed here as well. */
  readonly tracing?: readonly AdapterOptions[]
}

/** A whole application. */
export interface AppSpec extends RouterSpec {
  /** The adapter is installed once for each, first of all. */
  readonly tracing: readonly AdapterOptions[]
  /** Applications of the same framework under prefixes. */
  readonly mounts?: Readonly<Record<string, MountSpec>>
  /** Answers what handlers throw. Default: the framework's own handling, without its output on stderr. */
  readonly onError?: (error: unknown) => Answer
}

/** A version of a framework with its adapter. */
export interface ConformingAdapter {
  readonly name: string
  readonly version: string
  /** False where the framework itself does not run on `node:http2`. */
  readonly http2: boolean
  /** Builds the application with what the framework offers. */
  create(app: AppSpec): RequestListener
}
