import { describe, expect, it } from 'vitest'
import { Html, type HtmlValue, html } from '../src/html.ts'
import { htmlStream } from '../src/html-stream.ts'

const x = 'x'
const BAD = `"><script>alert('1')</script>&`
const ESCAPED = '&#34;&#62;&#60;script&#62;alert(&#39;1&#39;)&#60;/script&#62;&#38;'

describe('html', () => {
  it('escapes in text, in titles and between quotes', () => {
    expect(String(html`<title>${BAD}</title><textarea rows="3">${BAD}</textarea>`)).toBe(
      `<title>${ESCAPED}</title><textarea rows="3">${ESCAPED}</textarea>`,
    )
    expect(String(html`<p title="a ${BAD} b ${BAD}" lang='${BAD}'>`)).toBe(
      `<p title="a ${ESCAPED} b ${ESCAPED}" lang='${ESCAPED}'>`,
    )
  })

  it('takes markup as it is, arrays piece by piece, and nothing for nothing', () => {
    const inner = html`<b>${'<'}</b>`
    expect(String(html`<p>${inner}${[inner, 'a<b', [1, 2n]]}${null}${undefined}${false}</p>`)).toBe(
      '<p><b>&#60;</b><b>&#60;</b>a&#60;b12</p>',
    )
    expect(String(html``)).toBe('')
  })

  it('takes no forgery for markup, nor a list of texts for a template', () => {
    const forged = { markup: '<script>', toString: () => '<script>' }
    for (const value of [forged, Object.create(Html.prototype), {}, () => '<b>', Symbol('x'), true, new Date()])
      expect(() => html`<p>${value as HtmlValue}</p>`).toThrow('Cannot make HTML: a value is neither text nor markup')
    for (const template of [[BAD], Object.assign([BAD], { raw: [BAD] }), JSON.parse('["<script>"]')])
      expect(() => html(template)).toThrow('`html` is a tag of templates')
    expect(() => html`<p title="${html`<b>`}">`).toThrow('there is markup in an attribute')
  })

  it.each([
    ['a script', () => html`<script>let a = "${x}"</script>`],
    ['a script in capitals', () => html`<SCRIPT >${x}</SCRIPT>`],
    ['a script that seems to end', () => html`<script>"</scripty>${x}"</script>`],
    ['a style', () => html`<style>p { color: ${x} }</style>`],
    ['an element that decodes nothing', () => html`<xmp>${x}</xmp>`],
    ['a comment', () => html`<!-- ${x} -->`],
    ['a comment that seems to end', () => html`<!-- -- > ${x} -->`],
    ['a declaration', () => html`<!doctype ${x}>`],
    ['an instruction', () => html`<?xml ${x}?>`],
    ['an end tag that is none', () => html`</ ${x}>`],
    ['the name of a tag', () => html`<${x}>`],
    ['the end of the name of a tag', () => html`<h${1}>`],
    ['the name of an end tag', () => html`<p></${x}>`],
    ['a tag', () => html`<p ${x}>`],
    ['the name of an attribute', () => html`<p data-${x}="1">`],
    ['a tag after a value', () => html`<p a="1"${x}>`],
    ['an attribute without quotes', () => html`<p title=${x}>`],
    ['the middle of an attribute without quotes', () => html`<p title=a${x}>`],
    ['an attribute that runs', () => html`<p onclick="${x}">`],
    ['an attribute that runs, in capitals', () => html`<p OnClick = '${x}'>`],
    ['an attribute that runs, after a slash', () => html`<img/onerror="${x}">`],
    ['a style attribute', () => html`<p style="${x}">`],
    ['a document in an attribute', () => html`<iframe srcdoc="${x}"></iframe>`],
    ['the address of a script', () => html`<script src="${x}"></script>`],
    ['the address of a style', () => html`<link rel="stylesheet" href="${x}">`],
    ['the base of all addresses', () => html`<base href="/a/${x}">`],
    ['the address of an object', () => html`<object data="${x}"></object>`],
    ['the address of an animation', () => html`<svg><set attributeName="href" to="${x}" /></svg>`],
    ['where a page goes by itself', () => html`<meta http-equiv="refresh" content="1;url=${x}">`],
    ['where a page goes by itself, the other way round', () => html`<meta content="1;url=${x}" http-equiv="refresh">`],
  ])('refuses a value in %s', (_, make) => {
    expect(make).toThrow(/^Cannot make HTML: a value stands in|^Cannot make HTML: a value stands where/)
    expect(make).toThrow(expect.objectContaining({ code: 'cannot-encode' }))
  })

  it.each([
    ['a tag', () => html`<p`],
    ['a value', () => html`<p title="a`],
    ['a value with a value in it', () => html`<p title="${x}`],
    ['a comment', () => html`<!-- a`],
    ['a script', () => html`<script>`],
    ['a title', () => html`<title>a`],
    ['the beginning of a tag', () => html`a <`],
  ])('refuses a template that ends in %s', (_, make) => {
    expect(make).toThrow('the template ends within')
  })

  it('takes values after everything that has ended', () => {
    const all = html`<!doctype html><!-- a > b --><!--> ${1} <!--a--!> ${2} <!x> ${3} <script nonce="${'n'}">"<p a='b>"</script> ${4}
      <style>a>b{}</style> ${5} <title>a</title > ${6} <p a = "1" b='"' c=d e/> ${7} 1 < 2 ${8} <<b>${9}</b> </p x="y"> ${10} <a/title="${11}">`
    const numbers = String(all)
    for (let n = 1; n <= 11; n++) expect(numbers).toContain(n === 11 ? 'title="11"' : ` ${n} `.trim())
  })

  describe('addresses', () => {
    const refusal = 'Cannot make HTML: an address begins neither with'
    it.each([
      ...[
        '/a',
        'a/b',
        '?a=javascript:1',
        '#x',
        '',
        '//host/x',
        'http://a',
        'HTTPS://a',
        'mailto:a@b',
        'tel:1',
        'a b:c',
      ],
      ...['./javascript:1', '/javascript:1', ' /x'],
    ])('takes %j', (address) => {
      expect(String(html`<a href="${address}">`)).toContain('href=')
    })

    it.each([
      ...[
        'javascript:alert(1)',
        'JaVaScRiPt:alert(1)',
        ' javascript:alert(1)',
        '\x01javascript:1',
        'java\nscript:1',
        'java\tscript:1',
      ],
      ...[
        'data:text/html,x',
        'vbscript:x',
        'blob:x',
        'file:///etc/passwd',
        'javascript\n:1',
        '\u0000\u001fjavascript:1',
      ],
    ])('refuses %j', (address) => {
      expect(() => html`<a href="${address}">`).toThrow(refusal)
      expect(() => html`<img src='${address}'>`).toThrow(refusal)
      expect(() => html`<form action=" ${address}">`).toThrow(refusal)
      expect(() => html`<button formaction="${address}">`).toThrow(refusal)
      expect(() => html`<a xlink:HREF="${address}">`).toThrow(refusal)
    })

    it('sees an address as a whole, however it is put together', () => {
      const script = 'script:alert(1)'
      expect(() => html`<a href="java${script}">`).toThrow(refusal)
      expect(() => html`<a href="${'java'}${script}">`).toThrow(refusal)
      expect(() => html`<a href="${'javascript'}:alert(1)">`).toThrow(refusal)
      expect(() => html`<a href="${['java', [script]]}">`).toThrow(refusal)
      expect(() => html`<a href="${null}${'java'}scr${'ipt'}${':'}1">`).toThrow(refusal)
      expect(String(html`<a href="/a/${script}/b" title="${script}">`)).toContain(script)
      expect(String(html`<a href="/a?b=${'x'}&amp;c=${'javascript:1'}"><a href="${'/ok'}">`)).toContain('/ok')
    })
  })
})

describe('htmlStream', () => {
  const request = new Request('http://localhost/')

  it('sends markup as it is and text as text, with a policy that lets nothing else in', async () => {
    const response = await htmlStream(request, [html`<p>a</p>`, '<b>', html`<hr>`])
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'/)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await response.text()).toBe('<p>a</p>&#60;b&#62;<hr>')
  })

  it('takes headers, also a policy, and lets nobody change the type', async () => {
    const headers = { 'content-security-policy': 'x', 'content-type': 'text/plain', 'x-a': 'b' }
    const response = await htmlStream(request, ['a'], { headers })
    await response.body?.cancel()
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-security-policy': 'x',
      'content-type': 'text/html; charset=utf-8',
      'x-a': 'b',
      'referrer-policy': 'no-referrer',
    })
  })

  it('breaks off when it fails later, and is a problem when it fails at once', async () => {
    const errors: unknown[] = []
    const failing = await htmlStream(
      request,
      function* () {
        yield html`<p>a</p>`
        yield html`<a href="${'javascript:1'}">`
      },
      { onError: (error) => errors.push(error) },
    )
    await expect(failing.text()).rejects.toThrow()
    expect(errors).toHaveLength(1)
    const refused = await htmlStream(request, [true as never])
    expect([refused.status, refused.headers.get('content-type')]).toEqual([500, 'application/problem+json'])
  })
})
