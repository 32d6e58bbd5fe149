/** Requests as bytes over a few connections that stay open: whoever sends thousands of them must cost less than whoever answers. */
import { connect } from 'node:net'

/** The bytes of a request; without more a GET of `/`. */
export function bytesOf(url, { method = 'GET', path = '/', headers = {}, body = '', token } = {}) {
  const authorization = token && { authorization: `Bearer ${token}` }
  const length = body && { 'content-length': Buffer.byteLength(body) }
  const all = { host: new URL(url).host, ...authorization, ...headers, ...length }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
}

/** Sends so many requests, one after the other over each connection: the bytes that `next()` makes; `answered` gets the text of each answer. */
export function sendAll({ send, connections }, amount, next, answered = () => {}) {
  return new Promise((done, failed) => {
    let [begun, ended] = [0, 0]
    for (let one = 0; one < connections; one++) ask()

    function ask() {
      if (begun === amount) return
      begun += 1
      send(next(), (status, text) => {
        if (status < 200 || status > 299) return failed(new Error(`a request was answered with ${status}: ${text}`))
        answered(text)
        ended += 1
        if (ended === amount) done()
        else ask()
      })
    }
  })
}

/** `send(bytes, answered)` calls `answered(status, text)` with the answer to one request; one that finds no connection free waits for one. */
export async function openWire(url, connections) {
  const free = []
  const waiting = []
  const lines = await Promise.all(Array.from({ length: connections }, open))
  free.push(...lines)
  return { send, close, connections }

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
      if (!isWhole(received, head)) return
      const [done, status, whole] = [answered, Number(received.slice(9, 12)), received]
      answered = undefined
      received = ''
      const next = waiting.shift()
      if (next) ask(...next)
      else free.push(line)
      done(status, whole)
    }
  }
}

function isWhole(received, head) {
  const headers = received.slice(0, head)
  const length = /\r\ncontent-length: (\d+)/i.exec(headers)
  if (length) return received.length >= head + 4 + Number(length[1])
  if (/\r\ntransfer-encoding: chunked/i.test(headers)) return received.endsWith('\r\n0\r\n\r\n')
  return fail(new Error(`an answer without a length: ${headers}`))
}

/** Ends the process: what has lost a request measures nothing. */
function fail(error) {
  throw error
}
