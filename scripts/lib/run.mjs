/** Runs other programs, and says in one line why a script cannot go on. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The folder of the project, with a slash at its end. */
export const root = fileURLToPath(new URL('../../', import.meta.url))

/** A failure that is told to the person in front of the screen, without a stack. */
export class Stop extends Error {
  constructor(message, { output = '', code = 1 } = {}) {
    super(message)
    this.output = output
    this.code = code
  }
}

/** Runs a script's main function: a `Stop` becomes its line and its exit code, anything else is a bug and keeps its stack. */
export async function main(work) {
  try {
    const code = await work()
    if (code) process.exitCode = code
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    if (error.output) console.error(error.output.trimEnd())
    console.error(error.message)
    process.exitCode = error.code
  }
}

/** True if this file is the one that Node was asked to run. */
export const isMain = (url) => process.argv[1] !== undefined && fileURLToPath(url) === process.argv[1]

/**
 * Runs a program to its end. With `show` it writes to this terminal; without, its output is collected.
 * A program that cannot be started counts as exit code 127.
 */
export function run(command, args, { cwd = root, env = process.env, show = false, input } = {}) {
  return new Promise((resolve) => {
    const stdin = input === undefined ? 'ignore' : 'pipe'
    const child = spawn(command, args, { cwd, env, stdio: show ? 'inherit' : [stdin, 'pipe', 'pipe'] })
    let stdout = ''
    let output = ''
    const keep = (chunk) => {
      output += chunk
    }
    child.stdout?.setEncoding('utf8').on('data', (chunk) => {
      stdout += chunk
      keep(chunk)
    })
    child.stderr?.setEncoding('utf8').on('data', keep)
    child.stdin?.end(input)
    child.on('error', (error) => resolve({ code: 127, stdout, output: `${output}${error.message}\n` }))
    child.on('close', (code, signal) => resolve({ code: code ?? (signal ? 1 : 0), stdout, output }))
  })
}

/** Runs a JavaScript file with this Node. */
export const node = (args, options) => run(process.execPath, args, options)

/** Runs the npm that started us, or the one on the path. */
export function npm(args, options) {
  const cli = process.env.npm_execpath
  return cli?.endsWith('.js') ? node([cli, ...args], options) : run('npm', args, options)
}
