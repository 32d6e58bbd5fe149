/**
 * Finds the TypeScript that documentation shows. A block opened by ```ts stands alone; one opened by ```ts continued goes on
 * where the block before it ended.
 */

const fence = /^(?<indent>[ \t]*(?:\*[ \t]?)?)```(?<info>.*)$/

/** Every block of a text: its code, and which line of the file a line of the code is. */
export function snippetsOf(path, text) {
  const snippets = []
  let open
  for (const [index, line] of text.split('\n').entries()) {
    const { indent, info } = fence.exec(line)?.groups ?? {}
    if (info === undefined) open?.lines.push([line.slice(open.indent.length), index + 1])
    else if (open === undefined) open = { indent, info: info.trim(), lines: [] }
    else {
      if (/^(ts|typescript)\b/.test(open.info)) snippets.push(open)
      open = undefined
    }
  }
  for (const [index, snippet] of snippets.entries()) {
    if (/\bcontinued\b/.test(snippet.info) && index > 0) snippet.lines.unshift(...snippets[index - 1].lines)
  }
  return snippets.map(({ lines }) => ({
    path,
    code: lines.map(([code]) => code).join('\n'),
    lineOf: (line) => lines[line - 1]?.[1] ?? 0,
  }))
}
