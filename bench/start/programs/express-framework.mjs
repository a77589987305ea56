import express from 'express'
import { reportStart } from '../report.mjs'

express()
reportStart()
