/** The process of a candidate that does one small thing many times: it tells the microseconds of CPU that one of them took. */
import { answer } from './remote.mjs'

let operation
let inputs
let times = 1
let kept

answer({ prepare, slice })

/** `make` of a module answers `operation(input)`, sync or async, and `inputs(n)`: inputs that are made before the watch runs. */
async function prepare(module, make, options, { warmUp, slice: length }) {
  ;({ operation, inputs } = await (await import(module))[make](options))
  // Until the compiler had its time and a slice is about as long as it should be.
  for (let spent = 0, last = 0; spent < warmUp || last < length / 2; spent += last) {
    if (last < length) times *= 2
    last = (await measured(times)) / 1000
  }
}

async function slice() {
  return (await measured(times)) / times
}

async function measured(count) {
  const given = inputs(count)
  globalThis.gc()
  const before = process.cpuUsage()
  kept = operation(given[0])
  if (kept instanceof Promise) await eachAwaited(given)
  else each(given)
  const { user, system } = process.cpuUsage(before)
  return user + system
}

function each(given) {
  for (let i = 1; i < given.length; i++) kept = operation(given[i])
}

async function eachAwaited(given) {
  await kept
  for (let i = 1; i < given.length; i++) kept = await operation(given[i])
}
