// What the signatures of @clew/interop allow and refuse. It is compiled, never run.
import type { ExportBatch } from '@clew/core'
import { expectTypeOf } from 'vitest'
import { fromOtlpJson, fromOtlpJsonInSteps, toOtlpJson } from '../../src/index.js'
import type { ReadOptions, ReadPayload, ReadSteps, RejectedSpans } from '../../src/index.js'

const payload = fromOtlpJson({}, { itemsPerSpan: 10 } satisfies Required<ReadOptions>)
expectTypeOf(payload).toEqualTypeOf<ReadPayload>()
expectTypeOf(payload.batches).toEqualTypeOf<ExportBatch[]>()
expectTypeOf(payload.rejected).toEqualTypeOf<RejectedSpans[]>()
expectTypeOf(fromOtlpJsonInSteps({})).toEqualTypeOf<ReadSteps>()
expectTypeOf(toOtlpJson(payload.batches)).toEqualTypeOf<object>()
// @ts-expect-error there is no such option
fromOtlpJson({}, { items: 1 })
// @ts-expect-error a number
fromOtlpJsonInSteps({}, { itemsPerSpan: '1' })
// @ts-expect-error batches, not what was read with them
toOtlpJson(payload)
