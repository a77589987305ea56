import { testTraceStore } from '../src/conformance.js'
import { memoryStore } from '../src/index.js'

testTraceStore({ name: 'memoryStore', create: () => memoryStore() })
