//! Text of a conversation stays text, wherever it stands: what would be markup, a link that runs something, or a terminal's sequence.

use std::fs;

use codex_git::model::screen;
use serde_json::json;

use crate::support::Home;
use crate::support::browser::{drive, eval};
use crate::support::story::{Written, id};

/// What a page would be sorry for.
const PAYLOADS: [&str; 64] = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "\" onmouseover=\"alert(1)\" x=\"",
    "` onmouseover=`alert(1)",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href=javascript:alert(1)>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](\u{1}javascript:alert(1))",
    "[x](vbscript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](https://e.example/\"onclick=\"alert(1))",
    "[x](https://e.example/'onclick='alert(1))",
    "[x](<https://e.example/ onclick=alert(1)>)",
    "![x](x\" onerror=\"alert(1))",
    "![x](https://e.example/a.png)",
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "<https://e.example/?<script>alert(1)</script>>",
    "`</code><script>alert(1)</script>`",
    "```html\n</code></pre><script>alert(1)</script>\n```",
    "```\"><script>alert(1)</script>\nx\n```",
    "~~~~\n</pre><script>alert(1)</script>",
    "| <script>alert(1)</script> | b |\n|---|---|\n| <img src=x onerror=alert(1)> | c |",
    "> <script>alert(1)</script>",
    "# <script>alert(1)</script>",
    "- <script>alert(1)</script>",
    "1. <img src=x onerror=alert(1)>",
    "**<script>alert(1)</script>**",
    "*<img src=x onerror=alert(1)>*",
    "<!--<script>alert(1)</script>",
    "--><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml?><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</textarea></noscript><script>alert(1)</script>",
    "</summary></details></section></main><script>alert(1)</script>",
    "<base href=https://e.example/>",
    "<meta http-equiv=refresh content='0;url=https://e.example'>",
    "<link rel=stylesheet href=https://e.example/x.css>",
    "<form action=https://e.example><button>x</button></form>",
    "<object data=https://e.example/x></object><embed src=x>",
    "<details open ontoggle=alert(1)>",
    "<math><mtext></mtext><mglyph><style><!--</style><img src=x onerror=alert(1)>",
    "<style>@import 'https://e.example'</style>",
    "<div style='background:url(https://e.example)'>",
    "<input autofocus onfocus=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\u{0}<script>alert(1)</script><scr\u{0}ipt>alert(1)</script>",
    "\u{202e}<script>alert(1)</script>\u{2066}",
    "\u{1b}]8;;javascript:alert(1)\u{7}x\u{1b}]8;;\u{7}\u{1b}[2J\u{1b}]0;t\u{7}",
    "＜script＞alert(1)＜/script＞ <ſcript>alert(1)</ſcript>",
    "<p id=find><section id=t1><a name=open>",
];

/// What may stand in a page.
const CHECK: &str = r#"(() => {
  const tags = new Set("A B BLOCKQUOTE BODY BR BUTTON CIRCLE CODE DD DEL DETAILS DIV DL DT EM FIGURE FOOTER H1 H2 H3 H4 H5 HEAD HEADER HR HTML I IMG INPUT INS LABEL LI MAIN META NAV OL OUTPUT P PATH PRE RECT S SECTION SMALL SPAN STRONG SUMMARY STYLE SCRIPT SVG TABLE TBODY TD TEXT THEAD TH TITLE TR UL".split(" "));
  const names = new Set("alt aria-label charset class content cx cy d data-by data-n for height hidden href http-equiv id lang loading name open placeholder r rel role src start type viewBox width x y".split(" "));
  const bad = new Set();
  for (const element of document.querySelectorAll("*")) {
    if (!tags.has(element.tagName.toUpperCase())) bad.add(element.tagName);
    for (const { name, value } of element.attributes) {
      if (!names.has(name)) bad.add(`${element.tagName} ${name}`);
      if (name === "href" && !/^(https?:\/\/|mailto:|#t\d+$)/.test(value)) bad.add(`href ${value}`);
      if (name === "src" && !/^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+\/=]+$/.test(value)) bad.add(`src ${value}`);
    }
  }
  for (const name of ["style", "script", "title", "main", "nav"]) {
    const most = name === "title" ? 10000 : 1;
    if (document.querySelectorAll(name).length > most) bad.add(`more than one ${name}`);
  }
  return [document.querySelectorAll("*").length, [...bad]];
})()"#;

/// A session in which a text stands in every place that there is.
fn everywhere(session: &mut Written, text: &str) {
    session.open_turn(text);
    let one = text.lines().next().unwrap_or_default();
    let event = |item: serde_json::Value| json!({ "type": "item_completed", "item": item });
    session.event(&event(json!({ "type": "AgentMessage", "id": "m", "content": [{ "type": "Text", "text": text }] })));
    session.event(&event(json!({ "type": "Reasoning", "id": "r", "summary_text": [format!("**{one}**\n\n{text}")] })));
    session.command(text, text, 1);
    let path = format!("/work/tally/{text}");
    let hunk = format!("@@ -1 +1 @@ {one}\n-{one}\n+{one}\n {one}\n");
    let changes = json!({ path: { "type": "update", "unified_diff": hunk, "move_path": format!("/work/tally/to/{text}") }, text: { "type": "add", "content": text } });
    session.patch(&changes, "completed");
    session.patch(&changes, "declined");
    session.called_with("apply_patch", text, text);
    session.called_with("update_plan", &json!({ "plan": [{ "step": text, "status": text }] }).to_string(), text);
    session.event(&event(json!({ "type": "WebSearch", "id": "w", "query": text })));
    session.event(&event(json!({ "type": "ImageView", "id": "v", "path": text })));
    session.response(&json!({ "type": "message", "role": "user", "content": [
        { "type": "input_image", "image_url": format!("data:image/png;base64,{text}") },
        { "type": "input_image", "image_url": "data:image/png;base64,AAAA\" onerror=\"alert(1)" },
    ] }));
    session.event(&event(json!({
        "type": "McpToolCall", "id": "c", "server": text, "tool": text, "arguments": { text: text }, "result": { "content": [{ "type": "text", "text": text }] }, "status": "completed",
    })));
    session.called_with(text, text, text);
    session.event(&event(json!({ "type": "CollabAgentToolCall", "id": "g", "prompt": text, "receiver_agents": [{ "thread_id": text, "agent_nickname": text }] })));
    session.line("compacted", &json!({ "message": text }));
    session.event(&json!({ "type": text, "item": { "type": text } }));
    session.line(text, &json!({ "message": text }));
}

fn home() -> Home {
    let home = Home::empty();
    let mut session = Written::new(1);
    for text in PAYLOADS {
        everywhere(&mut session, text);
        session = session.failed_with(text);
    }
    session.put(&home);
    home.ok("init -q --no-hooks");
    home
}

#[test]
fn no_text_becomes_markup_on_a_page_with_its_policy_or_without() {
    let home = home();
    home.name(&id(1), PAYLOADS[0]);
    let page = home.work().join("page.html");
    home.ok(&format!("export {} --detail full --out {}", id(1), page.display()));
    let text = fs::read_to_string(&page).unwrap();
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}') && !text.contains('\0'));
    let free = home.work().join("free.html");
    let (before, rest) = text.split_once("<meta http-equiv=Content-Security-Policy").unwrap();
    fs::write(&free, format!("{before}{}", rest.split_once('>').unwrap().1)).unwrap();
    for page in [page, free] {
        let seen = drive(&[json!({ "open": page }), json!({ "key": "j" }), eval(CHECK)]);
        let value = &seen.values[0];
        assert_eq!(value[1], json!([]), "{}", page.display());
        assert!(value[0].as_u64().unwrap() > 64 * 17, "{value}");
        assert_eq!(seen.console, [""; 0]);
        let asked: Vec<_> = seen.requests.iter().filter(|url| !url.starts_with("data:image/png")).collect();
        assert_eq!(asked.len(), 1, "{asked:?}");
    }
}

#[test]
fn no_text_becomes_markup_on_the_page_of_all_sessions() {
    let home = home();
    for (number, text) in (2..).zip(PAYLOADS) {
        Written::new(number).cwd(text).turn(text).put(&home);
        home.name(&id(number), text);
    }
    let page = home.work().join("graph.html");
    home.ok(&format!("graph --html --out {}", page.display()));
    let seen = drive(&[json!({ "open": page }), eval(CHECK)]);
    assert_eq!((&seen.values[0][1], seen.console.len(), seen.requests.len()), (&json!([]), 0, 1), "{:?}", seen.console);
}

#[test]
fn a_document_has_no_html_but_its_own_and_no_link_that_runs_something() {
    use pulldown_cmark::{Event, Options, Parser, Tag};
    let home = home();
    let document = home.ok(&format!("export {} --detail full --format md --out -", id(1))).stdout;
    assert_eq!(document, screen::bare(&document), "nothing in it steers a terminal");
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut headings = 0;
    for event in Parser::new_ext(&document, options) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => {
                let bare = html.replace("<details>", "").replace("</details>", "").replace("<summary>", "");
                let bare = bare.replace("</summary>", "").replace("<code>", "").replace("</code>", "");
                assert!(!bare.contains('<') && !bare.contains('>'), "{html}");
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                let leads = ["https://", "http://", "mailto:"].iter().any(|scheme| dest_url.starts_with(scheme));
                assert!(leads || !dest_url.contains(':'), "{dest_url}");
            }
            Event::Start(Tag::Heading { level, .. }) => headings += usize::from(level as usize == 2),
            _ => {}
        }
    }
    assert_eq!(headings, PAYLOADS.len(), "each turn has its heading, and nothing swallows one");
}
