import Koa from 'koa'
import { reportStart } from '../report.mjs'

const app = new Koa()
app.on('error', console.error)
reportStart()
