// The last thing that a measured program does: what it has cost up to here.

/** Prints the CPU time of the process, and the modules where `count-modules.mjs` counts them; then ends it. */
export function reportStart() {
  const { user, system } = process.cpuUsage()
  const modules = /** @type {{ countedModules?: number }} */ (globalThis).countedModules
  console.log(JSON.stringify({ cpuMs: (user + system) / 1000, modules }))
  process.exit()
}
