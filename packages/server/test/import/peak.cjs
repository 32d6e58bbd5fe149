/** Loaded before a process that is measured: writes the most memory that it held, in megabytes, when it ends. */
const { readFileSync, writeFileSync } = require('node:fs')

process.on('exit', () => {
  writeFileSync(process.env.PEAK_FILE, String(Math.round(peakKilobytes() / 1024)))
})

// What getrusage says includes the process that this one was forked from.
function peakKilobytes() {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1])
  } catch {
    return process.resourceUsage().maxRSS
  }
}
