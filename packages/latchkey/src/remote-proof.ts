/** The part of remoteAuth that asks the issuer about each token, where a service has no keys. */
import { permitted } from './keys/addresses.js'
import { createJsonFetch } from './keys/fetch.js'
import type { ProofSettings, RemoteSettings } from './remote-options.js'
import { type Asking, createAsking } from './tokens/asking.js'
import type { TokenService } from './tokens/service.js'
import type { Verification } from './tokens/verification.js'
import type { Verified } from './tokens/verified.js'

/** A request waits for one answer, and no longer than for a read of the store. */
const ANSWER_SECONDS = 2

type Tokens = Pick<TokenService, 'verify' | 'checkNow'>

export interface RemoteProof extends Pick<Asking, 'prove' | 'close'> {
  /** The same verification; `checkNow` asks the issuer about the token itself, unless it hears of revocations. */
  over(verification: Verification, hears: boolean): Tokens
}

export function createRemoteProof(
  { url, allowPrivate, rememberSeconds }: ProofSettings,
  { clock, development }: RemoteSettings,
): RemoteProof {
  const fetchJson = createJsonFetch({
    permits: permitted(allowPrivate),
    allowHttp: development,
    seconds: ANSWER_SECONDS,
    keepAlive: true,
    refusals: true,
  })
  const asking = createAsking({ url, fetchJson, clock, rememberSeconds })
  return { prove: asking.prove, close: asking.close, over }

  function over({ verify, checkNow }: Verification, hears: boolean): Tokens {
    if (hears) return { verify, checkNow }
    const texts = new WeakMap<Verified, string>()
    return {
      verify(text) {
        const found = verify(text)
        return found instanceof Promise ? found.then((one) => noted(one, text)) : noted(found, text)
      },
      checkNow: (token) => asking.again(texts.get(token) ?? ''),
    }

    function noted(token: Verified, text: string): Verified {
      texts.set(token, text)
      return token
    }
  }
}
