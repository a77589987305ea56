// What the names mean that the examples in the doc blocks of this package use and do not make. They are run by scripts/test/examples.test.ts.
export { Hono } from 'hono'
export const process: { readonly env: { readonly CLEW_TOKEN?: string } } = { env: { CLEW_TOKEN: 'ours' } }
