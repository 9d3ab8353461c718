// Walking a site by its links, without a browser: what exists, what is dead, which kinds of page there are.

/** A page, fetched once. */
class Page {
  constructor(path, status, type, html) {
    Object.assign(this, { path, status, type, html })
  }

  get isHtml() {
    return this.type.startsWith('text/html')
  }

  /** What is wrong with the HTML itself, in words. */
  problems() {
    const found = []
    const count = (pattern) => [...this.html.matchAll(pattern)].length
    if (!/^\s*<!doctype html>/i.test(this.html)) found.push('no doctype')
    if (!/<html[^>]*\slang="zh-CN"/i.test(this.html)) found.push('lang is not zh-CN')
    if (!/<title>\s*[^<\s]/i.test(this.html)) found.push('the title is empty')
    if (count(/<h1[\s>]/gi) !== 1) found.push(`${count(/<h1[\s>]/gi)} h1`)
    if (count(/<main[\s>]/gi) !== 1) found.push(`${count(/<main[\s>]/gi)} main`)
    const ids = [...this.html.matchAll(/\sid="([^"]*)"/g)].map((match) => match[1])
    const twice = ids.filter((id, index) => ids.indexOf(id) !== index)
    if (twice.length) found.push(`ids used twice: ${[...new Set(twice)].join(' ')}`)
    if (/\shref="(#|javascript:[^"]*)"/.test(this.html)) found.push('a link that leads nowhere')
    return found
  }
}

const unescape = (text) =>
  text.replace(/&(amp|quot|lt|gt|#39|#x27|#38);/g, (entity) => {
    const letters = { '&amp;': '&', '&#38;': '&', '&quot;': '"', '&lt;': '<', '&gt;': '>' }
    return letters[entity] ?? "'"
  })

/** Addresses a page points at: links, style sheets, scripts, pictures. */
function* addresses(html) {
  const visible = html.replace(/<!--[\s\S]*?-->/g, '').replace(/(<script[^>]*>)[\s\S]*?<\/script>/gi, '$1')
  for (const [, attributes] of visible.matchAll(/<(?:a|area|link|script|img|source|iframe)\s([^>]*)>/gi)) {
    const address = attributes.match(/(?:^|\s)(?:href|src)="([^"]*)"/i)
    if (address) yield unescape(address[1])
  }
}

/** The kind of a page: its path with numbers, codes and Chinese words replaced by `:`, and the names of its query fields. */
export function kindOf(path) {
  const url = new URL(path, 'http://site')
  const parts = url.pathname.split('/').map((part) => (/[\d%]|[^\x00-\x7f]/.test(part) ? ':' : part))
  const fields = [...new Set(url.searchParams.keys())].sort()
  return parts.join('/') + (fields.length ? `?${fields.join('&')}` : '')
}

/**
 * Fetches pages of `base` from `seeds` on, at most `limit`, the kinds seen least often first.
 *
 * Returns the pages by path, and dead links as sentences.
 */
export async function crawl(base, seeds, limit = 300) {
  const origin = new URL(base).origin
  const waiting = new Map() // kind -> paths
  const seen = new Map() // path -> where it was first named
  const fetched = new Map() // kind -> number
  const pages = new Map()
  const fragments = []
  const dead = []

  const add = (address, from) => {
    let url
    try {
      url = new URL(address, origin + from)
    } catch {
      dead.push(`${from}: not an address: ${address}`)
      return
    }
    if (url.origin !== origin || !/^https?:$/.test(url.protocol)) return
    const path = url.pathname + url.search
    if (url.hash.length > 1) fragments.push({ path, id: decodeURIComponent(url.hash.slice(1)), from })
    if (seen.has(path)) return
    seen.set(path, from)
    const kind = kindOf(path)
    waiting.set(kind, [...(waiting.get(kind) ?? []), path])
  }

  for (const seed of seeds) add(seed, '/')
  while (pages.size < limit && waiting.size) {
    const [kind] = [...waiting.keys()].sort((a, b) => (fetched.get(a) ?? 0) - (fetched.get(b) ?? 0))
    const paths = waiting.get(kind)
    const path = paths.shift()
    if (!paths.length) waiting.delete(kind)
    fetched.set(kind, (fetched.get(kind) ?? 0) + 1)
    const page = await fetchPage(origin, path)
    pages.set(path, page)
    add(page.landed, path)
    if (page.status !== 200) dead.push(`${seen.get(path)}: links to ${path}, which answers ${page.status}`)
    else if (page.isHtml) for (const address of addresses(page.html)) add(address, page.landed)
  }
  for (const { path, id, from } of fragments) {
    const page = pages.get(path)
    if (page?.status === 200 && page.isHtml && !page.html.includes(` id="${id}"`)) {
      dead.push(`${from}: links to ${path}#${id}, but nothing there has this id`)
    }
  }
  return { pages, dead: [...new Set(dead)], left: seen.size - pages.size }
}

async function fetchPage(origin, path) {
  const answer = await fetch(origin + path, { headers: { 'accept-language': 'zh-CN' } })
  const type = answer.headers.get('content-type') ?? ''
  const html = type.startsWith('text/html') ? await answer.text() : (await answer.arrayBuffer(), '')
  const page = new Page(path, answer.status, type, html)
  // After a redirect, relative links and the kind are those of where we landed.
  const landed = new URL(answer.url)
  page.landed = landed.pathname + landed.search
  return page
}

/** At most `samples` pages of each kind: the first found and the last, which tend to differ most. */
export function samplesOfEachKind(pages, samples = 2) {
  const kinds = new Map()
  for (const page of pages.values()) {
    if (page.status !== 200 || !page.isHtml || page.landed !== page.path) continue
    const kind = kindOf(page.path)
    kinds.set(kind, [...(kinds.get(kind) ?? []), page.path])
  }
  const choose = (paths) => [...new Set(samples > 1 ? [paths[0], paths.at(-1)] : [paths[0]])]
  return new Map([...kinds].map(([kind, paths]) => [kind, choose(paths)]))
}
