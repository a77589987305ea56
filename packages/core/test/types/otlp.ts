// What the signatures of @clew/core/otlp allow and refuse. It is compiled, never run.
import { expectTypeOf } from 'vitest'
import type { ExportBatch } from '../../src/index.js'
import { toOtlpJson, toOtlpLogsJson } from '../../src/otlp.js'

const batch: ExportBatch = { resource: { attributes: {} }, spans: [], logs: [], metrics: [] }
expectTypeOf(toOtlpJson([batch])).toEqualTypeOf<object>()
// @ts-expect-error a list of batches
toOtlpJson(batch)
expectTypeOf(toOtlpLogsJson([batch])).toEqualTypeOf<object>()
// @ts-expect-error a list of batches
toOtlpLogsJson(batch)
