/** What the newsroom knows: posts, who wrote them, and what everybody earns. */
import { EventEmitter, on } from 'node:events'

export interface Post {
  readonly id: string
  readonly title: string
  readonly author: string
  readonly draft: string
}

export function createNewsroom() {
  const wire = new EventEmitter().setMaxListeners(0)
  const posts: Post[] = [
    { id: '1', title: 'Bridge reopens', author: 'alice', draft: 'The mayor was late.' },
    { id: '2', title: 'Rain ahead', author: 'bob', draft: 'Take an umbrella.' },
  ]
  return {
    posts: (): readonly Post[] => posts,
    salaries: () => [{ name: 'alice', amount: 4_000 }],
    write(title: string, author: string): Post {
      const post = { id: String(posts.length + 1), title, author, draft: '' }
      posts.push(post)
      wire.emit('written', post)
      return post
    },
    async *written(): AsyncGenerator<Post> {
      for await (const [post] of on(wire, 'written')) yield post
    },
  }
}

export type Newsroom = ReturnType<typeof createNewsroom>
