/** What one tab tells the others: by a BroadcastChannel, or by the `storage` event where there is none. Never a token. */
import { type Browser, inStorage } from './browser.js'

export interface News {
  readonly type: 'signed-in' | 'refreshed' | 'signed-out'
  /** When the access token expires, by the server's clock, in seconds. */
  readonly expiresAt?: number | undefined
  /** Seconds that the server's clock is ahead of this machine's. */
  readonly ahead?: number | undefined
}

export interface NewsDesk {
  tell(news: News): void
  /** What was told last, by any tab, and no two are the same text. Outlives a reload where the browser keeps it. */
  last(): string
}

export function createNews(browser: Browser, name: string, hear: (news: News) => void): NewsDesk {
  let latest = ''
  // Servers have channels too, and an open one would keep their process alive.
  const channel = browser.location && browser.BroadcastChannel && new browser.BroadcastChannel(name)
  if (channel) channel.addEventListener('message', ({ data }) => heard(String(data)))
  else {
    browser.addEventListener?.('storage', ({ key, newValue }) => {
      if (key === name && newValue) heard(newValue)
    })
  }
  return {
    tell(news) {
      latest = JSON.stringify({ ...news, id: browser.Math.random() })
      inStorage(browser, (keys) => keys.setItem(name, latest))
      channel?.postMessage(latest)
    },
    last: () => inStorage(browser, (keys) => keys.getItem(name)) ?? latest,
  }

  function heard(text: string): void {
    latest = text
    const news = newsOf(text)
    if (news) hear(news)
  }
}

/** Whatever else lies in the storage of a page is no news. */
export function newsOf(text: string): News | undefined {
  try {
    const news = JSON.parse(text)
    return typeof news?.type === 'string' ? news : undefined
  } catch {
    return undefined
  }
}
