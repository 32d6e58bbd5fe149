/** The one rule that looks at the object: a draft is its author's business. */
import { objectRule } from 'latchkey/graphql'
import type { Post } from './newsroom.js'

export const ownPost = objectRule<Post>(async ({ parent, auth }) => {
  const user = (await auth?.user()) as { readonly username?: string } | undefined
  return parent.author === user?.username
})
