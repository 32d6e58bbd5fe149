/** Stands in for argon2 where thousands of passwords are hashed and none has to be kept: the same text, no work. */
import { createHash } from 'node:crypto'

const digest = (text: string) => createHash('sha256').update(text).digest('base64').replace('=', '')

export const hash = async (password: string): Promise<string> =>
  `$argon2id$v=19$m=19456,t=2,p=1$${'A'.repeat(22)}$${digest(password)}`

export const verify = async (stored: string, password: string): Promise<boolean> => stored === (await hash(password))
