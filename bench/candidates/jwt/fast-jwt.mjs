/** fast-jwt without its cache; it checks dates and the algorithm. */
import { createSigner, createVerifier } from 'fast-jwt'

export const verifying = ({ alg, keys }) =>
  createVerifier({ key: keys.secret ?? keys.publicKey, algorithms: [alg], cache: false })

export const signing = ({ alg, keys }) =>
  createSigner({ key: keys.secret ?? keys.privateKey, algorithm: alg, noTimestamp: true })
