/** The frame of every page. */
import type { ReactNode } from 'react'

export const metadata = { title: 'A board of notes' }

export default function Layout({ children }: { readonly children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  )
}
