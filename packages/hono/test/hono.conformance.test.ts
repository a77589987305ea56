import { adapterConformance } from '@clew/testkit'
import { createApp } from './create-app.js'

adapterConformance({ name: 'hono', version: '4', http2: true, create: createApp })
