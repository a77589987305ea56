import type { IncomingMessage } from 'node:http'
import { choosePath, inferTemplate, isPlausible, joinTemplates, type Params, type Path, type Template } from './template.js'

/** A request on its way through the routers. */
export interface FollowedRequest extends IncomingMessage {
  baseUrl?: string | undefined
  params?: Params | undefined
  [FOLLOWER]?: RouteFollower
}

/** What Express assigns. */
export interface Route {
  readonly path: Path | readonly Path[]
}

/** A router on the way to the route, by what its mount path matched. */
interface Mount {
  readonly baseUrl: string
  readonly template: Template
  readonly params: Params | undefined
}

export const FOLLOWER: unique symbol = Symbol('clew.express.route')
/** Registered by router 2.3 and later: the errors that a request has met. */
const ERRORS = Symbol.for('router.tracing.publishedErrors')
const AT_ROOT: Template = { template: '', inferred: false }

/** Makes a template of what the routers assign to a request. */
export class RouteFollower {
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

const NO_ERRORS: ReadonlySet<unknown> = new Set()

/** The errors that the routers of Express 5.3 and later have seen, in order; none elsewhere. */
export function readErrors(req: IncomingMessage): ReadonlySet<unknown> {
  const errors = (req as unknown as Record<symbol, unknown>)[ERRORS]
  return errors instanceof Set ? errors : NO_ERRORS
}
