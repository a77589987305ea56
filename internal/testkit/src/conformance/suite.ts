import { describe } from 'vitest'
import type { ConformingAdapter } from './app-spec.js'
import { describeAborts } from './aborts.js'
import { describeContext } from './context.js'
import { describeCounting } from './counting.js'
import { describeErrors } from './errors.js'
import { describeHeaders } from './headers.js'
import { describeHostile } from './hostile.js'
import { describeHttp2 } from './http2.js'
import { describeLoad } from './load.js'
import { describeNaming } from './naming.js'
import { describeOptions } from './options.js'
import { describePropagation } from './propagation.js'
import { describeRequestHeaders } from './request-headers.js'
import { describeRoutes } from './routes.js'
import { describeStreams } from './streams.js'
import { describeUpgrades } from './upgrades.js'

/**
 * What every adapter does alike, on real sockets. To be called in a test file, once for each version of the framework.
 *
 * @example
 * adapterConformance({ name: 'express', version: '5', http2: false, create: (app) => createApp(express, app) })
 */
export function adapterConformance(adapter: ConformingAdapter): void {
  describe(`${adapter.name} ${adapter.version}`, () => {
    describeNaming(adapter)
    describeRoutes(adapter)
    describeErrors(adapter)
    describeAborts(adapter)
    describeStreams(adapter)
    describeHeaders(adapter)
    describeRequestHeaders(adapter)
    describeOptions(adapter)
    describePropagation(adapter)
    describeCounting(adapter)
    describeContext(adapter)
    describeLoad(adapter)
    describeUpgrades(adapter)
    describeHostile(adapter)
    if (adapter.http2) describeHttp2(adapter)
  })
}
