/** A process that imports one module, or none, and tells what that took: milliseconds of CPU and of time since it was started. */
const [, , specifier] = process.argv
if (specifier) await import(specifier)
const { user, system } = process.cpuUsage()
console.log(JSON.stringify({ cpu: (user + system) / 1000, time: performance.now() }))
