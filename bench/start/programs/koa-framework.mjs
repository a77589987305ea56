import Koa from 'koa'
import { reportStart } from '../report.mjs'

new Koa()
reportStart()
