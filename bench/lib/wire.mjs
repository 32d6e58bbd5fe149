/** Requests as bytes over a few connections that stay open: whoever sends thousands of them must cost less than whoever answers. */
import { connect } from 'node:net'

/** The bytes of a guarded GET with a token. */
export const guardedGet = (url, token) =>
  Buffer.from(`GET / HTTP/1.1\r\nHost: ${new URL(url).host}\r\nAuthorization: Bearer ${token}\r\n\r\n`, 'latin1')

/** `send(bytes, answered)` calls `answered(status)` with the answer to one request; one that finds no connection free waits for one. */
export async function openWire(url, connections) {
  const free = []
  const waiting = []
  const lines = await Promise.all(Array.from({ length: connections }, open))
  free.push(...lines)
  return { send, close }

  function send(bytes, answered) {
    // In turn: the server hangs up on whoever is silent.
    const line = free.shift()
    if (line) line.ask(bytes, answered)
    else waiting.push([bytes, answered])
  }

  function close() {
    for (const line of lines) line.end()
  }

  async function open() {
    const { hostname, port } = new URL(url)
    const socket = connect({ host: hostname, port: Number(port), noDelay: true })
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    let answered
    let received = ''
    const line = { ask, end: () => socket.destroy() }
    socket.setEncoding('latin1').on('data', read)
    socket.on('error', fail).on('end', () => fail(new Error('the server hung up')))
    return line

    function ask(bytes, done) {
      answered = done
      socket.write(bytes)
    }

    function read(text) {
      received += text
      const head = received.indexOf('\r\n\r\n')
      if (head === -1) return
      const length = /\r\ncontent-length: (\d+)/i.exec(received.slice(0, head))
      if (!length) return fail(new Error(`an answer without a length: ${received.slice(0, head)}`))
      if (received.length < head + 4 + Number(length[1])) return
      const [done, status] = [answered, Number(received.slice(9, 12))]
      answered = undefined
      received = ''
      const next = waiting.shift()
      if (next) ask(...next)
      else free.push(line)
      done(status)
    }
  }
}

/** Ends the process: what has lost a request measures nothing. */
function fail(error) {
  throw error
}
