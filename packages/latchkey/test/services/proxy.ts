/** A TCP proxy that breaks as networks do: it refuses, resets, delays, loses one answer, or says nothing more without closing. */
import { connect, createServer, type Server, type Socket } from 'node:net'

/** `pass` hands everything on; `delay` does, five seconds later; `silent` keeps connections open and hands on nothing. */
export type Fault = 'pass' | 'refuse' | 'reset' | 'delay' | 'silent'

export interface FaultProxy {
  readonly port: number
  /** From now on, for connections that there are and for new ones. Those that were silent stay so for ever. */
  set(fault: Fault): Promise<void>
  /** The next question that contains `text`, on a connection that `first` went through, arrives, and its connection is reset when the answer comes. Answers once that has happened. */
  loseAnswerTo(text: string, first?: string): Promise<void>
  close(): Promise<void>
}

/** A connection through the proxy, and what is on its way. */
interface Pair {
  readonly inner: Socket
  readonly outer: Socket
  readonly late: { readonly timer: NodeJS.Timeout; readonly work: () => void }[]
  isSilent: boolean
  isMeant: boolean
  losesAnswer: boolean
}

const DELAY_MILLISECONDS = 5_000

export async function faultProxy(target: number): Promise<FaultProxy> {
  const pairs = new Set<Pair>()
  let fault: Fault = 'pass'
  let unlucky: { readonly text: string; readonly first: string; readonly lost: () => void } | undefined
  let server = await listen(0)
  const port = portOf(server)
  return { port, set, loseAnswerTo, close: () => stop(server) }

  function listen(at: number): Promise<Server> {
    const made = createServer(accept)
    return new Promise((resolve, reject) => {
      made.once('error', reject)
      made.listen(at, '127.0.0.1', () => resolve(made))
    })
  }

  function accept(inner: Socket): void {
    if (fault === 'reset') return void inner.resetAndDestroy()
    const outer = connect(target, '127.0.0.1')
    const pair: Pair = { inner, outer, late: [], isSilent: fault === 'silent', isMeant: false, losesAnswer: false }
    pairs.add(pair)
    inner.on('data', (bytes) => {
      if (unlucky && bytes.includes(unlucky.first)) pair.isMeant = true
      if (unlucky && pair.isMeant && bytes.includes(unlucky.text)) pair.losesAnswer = true
      hand(pair, () => void outer.write(bytes))
    })
    outer.on('data', (bytes) => {
      if (pair.losesAnswer) lose(pair)
      else hand(pair, () => void inner.write(bytes))
    })
    for (const socket of [inner, outer]) {
      socket.on('error', () => {})
      socket.on('close', () => closed(pair, socket === inner))
    }
  }

  function closed(pair: Pair, byClient: boolean): void {
    if (!pair.isSilent) hand(pair, () => end(pair))
    // Neither end of a silent connection is told of the other; but its place at the server is given back.
    else if (byClient) end(pair)
  }

  function hand(pair: Pair, work: () => void): void {
    if (pair.isSilent) return
    // What is on its way stays in front of what comes after it.
    if (fault === 'delay' || pair.late.length > 0) pair.late.push({ timer: setTimeout(next, DELAY_MILLISECONDS), work })
    else work()

    function next(): void {
      pair.late.shift()?.work()
    }
  }

  function lose(pair: Pair): void {
    pair.losesAnswer = false
    pair.inner.resetAndDestroy()
    unlucky?.lost()
    unlucky = undefined
  }

  function loseAnswerTo(text: string, first = text): Promise<void> {
    for (const pair of pairs) pair.isMeant = false
    return new Promise((lost) => {
      unlucky = { text, first, lost }
    })
  }

  async function set(next: Fault): Promise<void> {
    const before = fault
    fault = next
    for (const pair of pairs) {
      if (next === 'silent') pair.isSilent = true
      if (next === 'refuse' || next === 'reset') pair.inner.resetAndDestroy()
      else if (before === 'delay') for (const { work } of arrived(pair)) work()
    }
    if (next === 'refuse') await stop(server)
    if (before === 'refuse' && next !== 'refuse') server = await listen(port)
  }

  function arrived({ late }: Pair): Pair['late'] {
    for (const { timer } of late) clearTimeout(timer)
    return late.splice(0)
  }

  function end(pair: Pair): void {
    pairs.delete(pair)
    for (const { timer } of pair.late) clearTimeout(timer)
    for (const socket of [pair.inner, pair.outer]) socket.destroy()
  }

  function stop(listening: Server): Promise<void> {
    for (const pair of pairs) end(pair)
    return new Promise((resolve) => listening.close(() => resolve()))
  }
}

function portOf(server: Server): number {
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}
