import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose_gc')

/** So that what is left of the heap is what somebody holds. */
export const collectGarbage: () => void = runInNewContext('gc') as () => void
