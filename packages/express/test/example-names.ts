// What the names mean that the examples in the doc blocks of this package use and do not make. They are run by scripts/test/examples.test.ts.
import express from 'express'

export { default as express } from 'express'
export const app: express.Express = express()
