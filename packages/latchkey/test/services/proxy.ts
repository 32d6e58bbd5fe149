/** A TCP proxy that breaks as networks do: it refuses, resets, delays, or says nothing more without closing. */
import { connect, createServer, type Server, type Socket } from 'node:net'

/** `pass` hands everything on; `delay` does, five seconds later; `silent` keeps connections open and hands on nothing. */
export type Fault = 'pass' | 'refuse' | 'reset' | 'delay' | 'silent'

export interface FaultProxy {
  readonly port: number
  /** From now on, for connections that there are and for new ones. */
  set(fault: Fault): Promise<void>
  close(): Promise<void>
}

const DELAY_MILLISECONDS = 5_000

export async function faultProxy(target: number): Promise<FaultProxy> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let fault: Fault = 'pass'
  let server = await listen(0)
  const port = portOf(server)
  return { port, set, close: () => stop(server) }

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
    const pair = [inner, outer] as const
    pairs.add(pair)
    carry(inner, outer, pair)
    carry(outer, inner, pair)
  }

  function carry(from: Socket, to: Socket, pair: readonly [Socket, Socket]): void {
    from.on('data', (bytes) => hand(() => void to.write(bytes)))
    from.on('error', () => {})
    from.on('close', () => {
      pairs.delete(pair)
      hand(() => void to.destroy())
    })
  }

  function hand(work: () => void): void {
    if (fault === 'silent') return
    if (fault === 'delay') setTimeout(work, DELAY_MILLISECONDS).unref()
    else work()
  }

  async function set(next: Fault): Promise<void> {
    const before = fault
    fault = next
    if (next === 'refuse' || next === 'reset') for (const [inner] of pairs) inner.resetAndDestroy()
    // What was lost in between makes the rest of those connections meaningless.
    if (before === 'silent')
      for (const [inner, outer] of pairs) [inner, outer].forEach((socket) => void socket.destroy())
    if (next === 'refuse') await stop(server)
    if (before === 'refuse' && next !== 'refuse') server = await listen(port)
  }

  function stop(listening: Server): Promise<void> {
    for (const [inner, outer] of pairs) [inner, outer].forEach((socket) => void socket.destroy())
    return new Promise((resolve) => listening.close(() => resolve()))
  }
}

function portOf(server: Server): number {
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}
