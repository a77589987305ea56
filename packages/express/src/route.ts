import type { IncomingMessage } from 'node:http'
import { choosePath, inferTemplate, isPlausible, joinTemplates, type Params, type Path, type Template } from './template.js'

/**
 * Express tells the path of the matched route (`req.route.path`), but of the mount paths before it only what they matched
 * (`req.baseUrl`), and that no longer once an error has left the router. So the three properties that every router assigns on its way
 * through a request (`baseUrl`, `route`, `params`) become accessors that note each step, on the prototype that the application's requests
 * have of their own; no function of Express is patched but the application's own `handle` under Express 4 (`inheritEarly`).
 *
 * The router of Express 5.3 keeps the pattern that matched last in the request. Where it is found, mount paths are known; elsewhere
 * they are inferred from the values of the parameters. docs/adr/0003-express-routes.md compares this with the router's channel.
 */
interface FollowedRequest extends IncomingMessage {
  baseUrl?: string | undefined
  params?: Params | undefined
  [FOLLOWER]?: RouteFollower
}

interface Route {
  readonly path: Path | readonly Path[]
}

/** A router on the way to the route, by what its mount path matched. */
interface Mount {
  readonly baseUrl: string
  readonly template: Template
  readonly params: Params | undefined
}

const FOLLOWER: unique symbol = Symbol('clew.express.route')
const PATTERN_NAME = 'router.tracing.matchedRoute'
/** Registered by router 2.3 and later: the errors that a request has met. */
const ERRORS = Symbol.for('router.tracing.publishedErrors')
const AT_ROOT: Template = { template: '', inferred: false }

class RouteFollower {
  readonly #req: FollowedRequest
  #pattern: symbol | undefined
  #mounts: Mount[] = []
  #baseUrl: string | undefined
  #params: Params | undefined
  #route: Route | undefined
  #matched: Template | undefined
  /** An error has left a route. */
  failed = false
  /** A route was assigned, its parameters are next. */
  #entering = false
  /** The layer entered last is no route: the matched one has passed the request or an error on. */
  #left = true

  constructor(req: FollowedRequest) {
    this.#req = req
    this.#baseUrl = req.baseUrl
    this.#params = req.params
  }

  /** From the place of the middleware on. `pattern` is where the router leaves the pattern that matched last. */
  begin(pattern: symbol | undefined): void {
    this.#pattern = pattern
    if (this.#mounts.length > 0) this.#mounts = []
    if (this.#baseUrl) this.#enterMount(this.#baseUrl)
  }

  get baseUrl(): string | undefined {
    return this.#baseUrl
  }

  /** Undefined when the outermost router gives up. */
  set baseUrl(value: string | undefined) {
    this.#baseUrl = value
    if (typeof value !== 'string') return
    while (this.#mounts.length > 0 && !value.startsWith(this.#mounts.at(-1)?.baseUrl ?? '')) this.#mounts.pop()
    if (value !== (this.#mounts.at(-1)?.baseUrl ?? '')) this.#enterMount(value)
  }

  #enterMount(baseUrl: string): void {
    const outer = this.#mounts.at(-1)
    const matched = baseUrl.slice(outer?.baseUrl.length ?? 0)
    const own = this.#knownTemplate(matched) ?? inferTemplate(matched, this.#params, outer?.params)
    this.#mounts.push({ baseUrl, template: joinTemplates(outer?.template ?? AT_ROOT, own), params: this.#params })
  }

  #knownTemplate(matched: string): Template | undefined {
    const pattern = this.#knownPattern()
    return pattern !== undefined && isPlausible(pattern, matched) ? { template: String(pattern), inferred: false } : undefined
  }

  /** Another copy of the router, in a mounted app, does not touch the one we found: callers check what they read. */
  #knownPattern(): Path | undefined {
    const pattern = this.#pattern && (this.#req as unknown as Record<symbol, unknown>)[this.#pattern]
    return typeof pattern === 'string' || pattern instanceof RegExp ? pattern : undefined
  }

  get params(): Params | undefined {
    return this.#params
  }

  /** Assigned for every layer that is entered, when a router is left, and by handlers that put checked values in the place of those that came. */
  set params(value: Params | undefined) {
    const isOfHandler = !this.#left && !this.#entering && hasNamesOf(value, this.#params)
    this.#params = value
    if (isOfHandler) return
    this.#left = !this.#entering
    this.#entering = false
  }

  get route(): Route | undefined {
    return this.#route
  }

  /** Assigned twice: by the router before the parameters are, and by the route itself when the pattern is known. */
  set route(value: Route | undefined) {
    const again = value === this.#route && !this.#left
    this.#route = value
    this.#entering = !again
    this.#matched = value && joinTemplates(this.#mounts.at(-1)?.template ?? AT_ROOT, this.#leafOf(value))
  }

  #leafOf({ path }: Route): Template {
    if (!Array.isArray(path)) return { template: String(path), inferred: false }
    const known = this.#knownPattern()
    if (known !== undefined && path.includes(known)) return { template: String(known), inferred: false }
    return choosePath(path, this.#req.url ?? '/')
  }

  /** A 404 after the route was left is nobody's, unless it was an error that left it. */
  findRoute(statusCode: number): Template | undefined {
    const isUnanswered = statusCode === 404 && this.#left && !this.failed && readErrors(this.#req).size === 0
    return isUnanswered ? undefined : this.#matched
  }
}

/** True for parameters of the same names, of which there are some. */
function hasNamesOf(params: Params = {}, others: Params = {}): boolean {
  const names = Object.keys(others)
  return names.length > 0 && names.length === Object.keys(params).length && names.every((name) => name in params)
}

/** One set of functions for all requests; each finds its follower on the request. Requests that do not reach us get one, too. */
const ACCESSORS: PropertyDescriptorMap & ThisType<FollowedRequest> = {
  baseUrl: {
    configurable: true,
    enumerable: true,
    get() {
      return this[FOLLOWER]?.baseUrl
    },
    set(value: string | undefined) {
      followerOf(this).baseUrl = value
    },
  },
  params: {
    configurable: true,
    enumerable: true,
    get() {
      return this[FOLLOWER]?.params
    },
    set(value: Params | undefined) {
      followerOf(this).params = value
    },
  },
  route: {
    configurable: true,
    enumerable: true,
    get() {
      return this[FOLLOWER]?.route
    },
    set(value: Route | undefined) {
      followerOf(this).route = value
    },
  },
}

function followerOf(req: FollowedRequest): RouteFollower {
  return (req[FOLLOWER] ??= new RouteFollower(req))
}

/** What is found once for all requests of an application, by the prototype that they share. */
interface AppKnowledge {
  readonly pattern: symbol | undefined
}

const apps = new WeakMap<object, AppKnowledge>()

/** Follows the request through the routers from here on. */
export function followRoute(req: FollowedRequest): void {
  const { pattern } = learnApp(req)
  followerOf(req).begin(pattern)
  if (Object.hasOwn(req, 'baseUrl')) Object.defineProperties(req, ACCESSORS)
}

/** The route for an answer of this status. */
export function findRoute(req: FollowedRequest, statusCode: number): Template | undefined {
  return req[FOLLOWER]?.findRoute(statusCode)
}

/**
 * Puts the accessors where the requests of the application inherit from, for those that come: on a request itself they would take the
 * place of properties, which turns it into a dictionary and everything that reads it slow.
 */
function learnApp(req: FollowedRequest): AppKnowledge {
  const prototype = Object.getPrototypeOf(req) as { app?: Application }
  const known = apps.get(prototype)
  if (known !== undefined) return known
  const learned = { pattern: Object.getOwnPropertySymbols(req).find((symbol) => symbol.description === PATTERN_NAME) }
  if (!Object.hasOwn(prototype, 'app') || prototype.app === undefined) return learned
  apps.set(prototype, learned)
  Object.defineProperties(prototype, ACCESSORS)
  if (Object.hasOwn(req, 'baseUrl')) inheritEarly(prototype.app, prototype)
  return learned
}

interface Application {
  handle(req: IncomingMessage, ...rest: unknown[]): unknown
}

/**
 * Express 4 lets requests inherit from the application when its router has assigned to them already, Express 5 right before. This
 * application's do it before as well, from the next one on.
 */
function inheritEarly(app: Application, prototype: object): void {
  const { handle } = app
  app.handle = function handleEarly(this: Application, req, ...rest) {
    if (Object.getPrototypeOf(req) !== prototype) Object.setPrototypeOf(req, prototype)
    return Reflect.apply(handle, this, [req, ...rest])
  }
}

const NO_ERRORS: ReadonlySet<unknown> = new Set()

/** The errors that the routers of Express 5.3 and later have seen, in order; none elsewhere. */
export function readErrors(req: IncomingMessage): ReadonlySet<unknown> {
  const errors = (req as unknown as Record<symbol, unknown>)[ERRORS]
  return errors instanceof Set ? errors : NO_ERRORS
}

/** Tells that a handler's error is on its way to the error handlers. */
export function noteError(req: FollowedRequest): void {
  const follower = req[FOLLOWER]
  if (follower) follower.failed = true
}
