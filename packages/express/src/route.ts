import type { IncomingMessage } from 'node:http'
import { FOLLOWER, type FollowedRequest, type Route, RouteFollower } from './route-follower.js'
import type { Params, Template } from './template.js'

/** Where the router of Express 5.3 keeps the pattern that matched last. */
const PATTERN_NAME = 'router.tracing.matchedRoute'

/**
 * Express tells the path of the matched route (`req.route.path`), but of the mount paths before it only what they matched
 * (`req.baseUrl`), and that no longer once an error has left the router. So the three properties that every router assigns on its way
 * through a request (`baseUrl`, `route`, `params`) become accessors that note each step, on the prototype that the application's requests
 * have of their own; no function of Express is patched but the application's own `handle` under Express 4 (`inheritEarly`).
 *
 * The router of Express 5.3 keeps the pattern that matched last in the request. Where it is found, mount paths are known; elsewhere
 * they are inferred from the values of the parameters. docs/adr/0003-express-routes.md compares this with the router's channel.
 *
 * One set of functions for all requests; each finds its follower on the request. Requests that do not reach us get one, too.
 */
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

/** Tells that a handler's error is on its way to the error handlers. */
export function noteError(req: FollowedRequest): void {
  const follower = req[FOLLOWER]
  if (follower) follower.failed = true
}
