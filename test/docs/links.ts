/** Where a page of docs leads to. */
import { existsSync, readFileSync } from 'node:fs'

/** As GitHub makes them: https://github.com/Flet/github-slugger */
const anchorsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- ]/gu, '')
      .replaceAll(' ', '-'),
  )

/** The links of a page of `docs` to what is not there; those to other sites are not looked at. */
export const brokenLinks = (source: string): string[] =>
  [...readFileSync(source, 'utf8').matchAll(/\]\((?!https:)([^)#]*)(?:#([^)]*))?\)/g)].flatMap(
    ([link, path = '', anchor]) => {
      const file = path === '' ? source : `docs/${path}`
      return existsSync(file) && (anchor === undefined || anchorsOf(file).includes(anchor)) ? [] : [link]
    },
  )
