/** Sees what a page does that obeys the words of strangers, or makes something of them other than text. */
import type { Page } from 'playwright-core'
import { canary } from './scripting-payloads.ts'
import type { Visitor } from './visitors.ts'

/** Adds to the visitor's trouble, which holds dialogs and errors already: requests to elsewhere, windows, broken content rules. */
export async function watch(visitor: Visitor, origin: string): Promise<Visitor> {
  const { context, trouble } = visitor
  context.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`)) trouble.push(`request: ${request.url()}`)
  })
  context.on('page', (opened) => trouble.push(`window: ${opened.url()}`))
  await context.exposeBinding('violated', (_, what: string) => void trouble.push(`violation: ${what}`))
  await context.addInitScript(() =>
    addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>
      (globalThis as unknown as { violated(what: string): void }).violated(`${effectiveDirective} ${blockedURI}`),
    ),
  )
  return visitor
}

/** What the scripts of the pages make. Everything else stands in a page's source, as often as there. */
const made = 'b bdi button circle code details div li option p path polyline rect span summary td tr'.split(' ')

/** Attributes that come and go on any element; the shapes of drawings have their own. */
const usual =
  /^(class|hidden|open|disabled|tabindex|datetime|(data|aria)-[a-z]+|[xydr]|[cr][xy]|width|height|points|viewBox)$/

/** Attributes that hold a stranger's words and mean nothing: the id of an event, and the address of the page itself. */
const holders = ['data-id', 'href of #again']

interface Look {
  /** The page as it was sent. */
  source: string
  /** A frame to look into. Defaults to the page itself. */
  frame?: string
  /** Elements that there may be more of or fewer. Defaults to those that the scripts make. */
  may?: readonly string[]
}

/** Elements and attributes on the page that are neither of its source nor made by its scripts, and other traces of words. */
export const strays = (page: Page, { source, frame, may = made }: Look): Promise<string[]> =>
  page.evaluate(
    ({ source, frame, may, usual, holders, canary }) => {
      const own = frame ? document.querySelector<HTMLIFrameElement>(frame)?.contentDocument : document
      if (!own) return [`no document in ${frame}`]
      // Where scripts run, what is in `noscript` is text.
      const all = (root: Document) => [...root.querySelectorAll('*:not(noscript *)')]
      const count = (elements: Element[], name: string) => elements.filter((one) => one.localName === name).length
      const [live, sent] = [all(own), all(new DOMParser().parseFromString(source, 'text/html'))]
      const sentAttributes = new Set(
        sent.flatMap((one) => one.getAttributeNames().map((name) => `${one.localName} ${name}`)),
      )
      const found: string[] = []
      for (const name of new Set([...live, ...sent].map((one) => one.localName))) {
        const [there, wanted] = [count(live, name), count(sent, name)]
        if (!may.includes(name) && there !== wanted) found.push(`${name}: ${there} instead of ${wanted}`)
      }
      for (const one of live) {
        for (const { name, value } of one.attributes) {
          if (!sentAttributes.has(`${one.localName} ${name}`) && !new RegExp(usual).test(name))
            found.push(`attribute ${name} of ${one.localName}`)
          const isHolder = holders.includes(name) || holders.includes(`${name} of #${one.id}`)
          if (`${name}=${value}`.includes(canary) && !isHolder) found.push(`${name}=${value} of ${one.localName}`)
        }
      }
      for (const key in {}) found.push(`${key} of every object`)
      return found
    },
    { source, frame, may, usual: usual.source, holders, canary },
  )
