// Loaded before the main module of every process that the demo starts (`node --import`): ends it when the demo is gone, however that went.
process.once('disconnect', () => process.exit())
// A listener alone would keep a process alive that has nothing left to do.
process.channel?.unref()
// Ctrl-C in a terminal reaches every process of the group. Only the demo heeds it, and ends the others in order.
process.on('SIGINT', () => {})
