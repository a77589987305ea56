import '@hono/node-server'
import { Hono } from 'hono'
import { reportStart } from '../report.mjs'

new Hono()
reportStart()
