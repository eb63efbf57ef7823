//! What a Markdown document has when it is read as Markdown.

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
use serde_json::json;

use super::{ok, story};
use crate::support::Home;
use crate::support::story::{Written, id};

/// The headings of a document, and its blocks of code with their languages.
fn parts(document: &str) -> (Vec<String>, Vec<(String, String)>) {
    let (mut headings, mut blocks) = (Vec::new(), Vec::new());
    let (mut words, mut language) = (String::new(), None);
    for event in Parser::new(document) {
        match event {
            Event::Start(Tag::Heading { .. }) => words.clear(),
            Event::End(TagEnd::Heading(_)) => headings.push(std::mem::take(&mut words)),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(of))) => {
                words.clear();
                language = Some(of.to_string());
            }
            Event::End(TagEnd::CodeBlock) => {
                blocks.extend(language.take().map(|language| (language, std::mem::take(&mut words))));
            }
            Event::Text(text) | Event::Code(text) => words.push_str(&text),
            _ => {}
        }
    }
    (headings, blocks)
}

#[test]
fn turns_are_headings_and_outputs_and_patches_are_blocks() {
    let (home, id) = story();
    let document = ok(&home, &format!("export {id} --format md")).stdout;
    let (headings, blocks) = parts(&document);
    assert_eq!(
        headings,
        [
            "count the words in a file",
            "1 · count the words in a file",
            "2 · run the tests",
            "3 · rename it",
            "4 · and document it"
        ]
    );
    let languages: Vec<&str> = blocks.iter().map(|(language, _)| language.as_str()).collect();
    assert_eq!(languages, ["diff", "", "diff"]);
    assert!(blocks[0].1.starts_with("@@ -1,1 +1,26 @@\n-old\n+new\n"), "{}", blocks[0].1);
    assert!(blocks[1].1.contains("… 60 lines left out\n") && blocks[1].1.ends_with("line 100\n"), "{}", blocks[1].1);
    assert!(document.contains("<details><summary><code>$ python3 -m unittest · exit 1</code></summary>"), "{document}");
    assert!(document.contains("**interrupted**") && document.contains("**shipped**"), "{document}");
}

#[test]
fn what_an_answer_leaves_open_ends_with_it() {
    let home = Home::empty();
    let mut session = Written::new(1);
    session.open_turn("first\nsecond");
    let text = "so:\n\n````sh\nls\n```\n<b>x</b>";
    let content = json!([{ "type": "Text", "text": text }]);
    session
        .event(&json!({ "type": "item_completed", "item": { "type": "AgentMessage", "id": "b", "content": content } }));
    session.command("cat a", "```\n````\n", 0);
    session.close().turn("next").put(&home);
    home.ok("init -q --no-hooks");
    let document = ok(&home, &format!("export {} --format md", id(1))).stdout;
    let (headings, blocks) = parts(&document);
    assert_eq!(headings[1..], ["1 · first", "2 · next"]);
    assert_eq!(blocks[0], ("sh".into(), "ls\n```\n<b>x</b>\n".into()));
    assert_eq!(blocks[1], (String::new(), "```\n````\n".into()));
    assert!(document.contains("> first  \n> second\n"), "lines of a prompt end where they did:\n{document}");
}
