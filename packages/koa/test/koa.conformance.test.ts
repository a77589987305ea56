import type { KoaTraceState } from '@clew/koa'
import { adapterConformance } from '@clew/testkit'
import Koa from 'koa'
import Koa2 from 'koa2'
import { createApp } from './create-app.js'

adapterConformance({ name: 'koa', version: '3', http2: true, create: (spec) => createApp(() => new Koa<KoaTraceState>(), spec) })
adapterConformance({ name: 'koa', version: '2', http2: true, create: (spec) => createApp(() => new Koa2<KoaTraceState>(), spec) })
