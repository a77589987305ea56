import type { AddressInfo, Server } from 'node:net'

/** Tells the process that started this one, if any, the port we listen on. Only the demo needs it: it starts everything on free ports. */
export function announce(server: Pick<Server, 'address' | 'once'>): void {
  server.once('listening', () => {
    const { port } = server.address() as AddressInfo
    process.send?.({ port })
  })
}
