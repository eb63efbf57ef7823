//! What `export` and `graph` write: pages, documents and rollouts; how much of a conversation, into which file; and that no text of a
//! conversation becomes anything else.

mod browser;
mod document;
mod hostile;
mod rollout;
mod timeline;

use std::fs;

use codex_git::SessionId;
use serde_json::json;

use crate::support::story::{Written, id};
use crate::support::{Home, Ran, ran};

/// A session with a bit of everything, and a fork of it.
fn story() -> (Home, String) {
    let home = Home::empty();
    let mut base = Written::new(1).patched("count the words in a file", &[("tally.py", 26, 1)]);
    base.open_turn("run the tests");
    base.command("python3 -m unittest", &(1..=100).map(|line| format!("line {line}\n")).collect::<String>(), 1);
    base.command("true", "", 0);
    let base = base.close().stopped("rename it").patched("and document it", &[("README.md", 2, 0)]);
    base.put(&home);
    Written::fork(2, &base, 2).turn("a different design").put(&home);
    home.ok("init -q --no-hooks");
    home.ok(&format!("save shipped {}", id(1)));
    (home, id(1))
}

fn run(home: &Home, words: &str) -> Ran {
    let mut command = home.command();
    command.args(words.split_whitespace()).env("TZ", "UTC").current_dir(home.work());
    ran(command.output().unwrap())
}

fn ok(home: &Home, words: &str) -> Ran {
    let ran = run(home, words);
    assert_eq!(ran.code, 0, "{words}: {}", ran.stderr);
    ran
}

#[test]
fn a_page_tells_what_was_said_and_done() {
    let (home, id) = story();
    let page = ok(&home, &format!("export {id} --out -")).stdout;
    for text in [
        "<title>count the words in a file</title>",
        "<dt>turns</dt><dd>4</dd>",
        "<dt>commands</dt><dd>2 <small class=bad>1 failed</small>",
        "<dt>files</dt><dd>2</dd>",
        "<b class=save>shipped</b>",
        "<b class=bad>interrupted</b>",
        "<ins data-n=1>new\n</ins>",
        "<code>python3 -m unittest</code> <b class=bad>exit 1</b> <small>100 lines</small>",
        "<p class=run><code>true</code></p>",
        "fork <b>count the words in a file</b>",
        "<code>01a20f86-0001-7000-8000-000000000001</code>",
    ] {
        assert!(page.contains(text), "{text}:\n{page}");
    }
    assert!(page.contains("line 100") && !page.contains("line 50\n") && page.contains("60 lines left out"), "{page}");
}

#[test]
fn as_much_is_told_as_was_asked_for() {
    let (home, id) = story();
    let told = |words: &str| ok(&home, &format!("export {id} --out - {words}")).stdout;
    let full = told("--detail full");
    assert!(full.contains("line 50\n") && !full.contains("left out"));
    let prompts = told("--detail prompts");
    assert!(
        prompts.contains("Done: run the tests.") && !prompts.contains("unittest") && !prompts.contains("<ins data")
    );
    assert!(prompts.contains("Stopped:"), "how a turn ended is always told");
    let bare = told("--no-outputs");
    assert!(bare.contains("unittest") && !bare.contains("line 100") && bare.contains("are left out"));
    let some = told("--turns 2..3");
    assert!(some.contains("id=t2>") && some.contains("id=t3>") && !some.contains("id=t1>") && !some.contains("id=t4>"));
    assert!(some.contains("turns 2 to 3"), "{some}");
}

#[test]
fn a_file_that_is_there_stays_unless_it_was_said() {
    let (home, id) = story();
    let told = ok(&home, &format!("export {id} --out page.html"));
    assert!(told.stdout.is_empty() && told.stderr.contains("page.html") && told.stderr.contains("secrets"), "{told:?}");
    let page = home.work().join("page.html");
    fs::write(&page, "mine").unwrap();
    let refused = run(&home, &format!("export {id} --out page.html"));
    assert!(refused.code == 2 && refused.stderr.contains("exists already"), "{refused:?}");
    assert_eq!(fs::read_to_string(&page).unwrap(), "mine");
    ok(&home, &format!("export {id} --out page.html --force"));
    assert!(fs::read_to_string(&page).unwrap().starts_with("<!doctype html>"));
    let nowhere = run(&home, &format!("export {id} --out no/such/folder/page.html"));
    assert!(nowhere.code == 2 && nowhere.stderr.contains("no/such/folder"), "{nowhere:?}");
    assert_eq!(fs::read_dir(home.work()).unwrap().count(), 1, "nothing is left aside");
}

#[test]
fn what_is_no_plain_file_is_written_to_and_stays_what_it_is() {
    use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
    let (home, id) = story();
    let work = home.work();
    fs::write(work.join("private.html"), "").unwrap();
    fs::set_permissions(work.join("private.html"), fs::Permissions::from_mode(0o600)).unwrap();
    symlink("private.html", work.join("link.html")).unwrap();
    ok(&home, &format!("export {id} --out link.html --force"));
    assert!(work.join("link.html").is_symlink(), "a link is followed");
    let private = work.join("private.html");
    assert_eq!(private.metadata().unwrap().mode() & 0o777, 0o600, "it is no more open than it was");
    assert!(fs::read_to_string(private).unwrap().contains("count the words"));
    let pipe = work.join("pipe");
    crate::support::ran(std::process::Command::new("mkfifo").arg(&pipe).output().unwrap());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::read_to_string(pipe).unwrap()
    });
    ok(&home, &format!("export {id} --out pipe"));
    assert!(reader.join().unwrap().ends_with("</html>\n"));
    assert!(pipe.metadata().unwrap().file_type().is_fifo());
    for (out, why) in
        [("..", "directory"), ("../codex/config.toml", "codex home"), ("../codex/sessions.git/HEAD", "codex home")]
    {
        let out = if out == ".." {
            out.to_owned()
        } else {
            home.path().join(out.trim_start_matches("../codex/")).display().to_string()
        };
        let refused = run(&home, &format!("export {id} --force --out {out}"));
        assert!(refused.code == 2 && refused.stderr.contains(why), "{out}: {refused:?}");
    }
    home.ok("verify");
}

#[test]
fn who_asks_for_less_is_not_given_more() {
    let (home, id) = story();
    for words in ["jsonl --no-outputs", "jsonl --detail prompts", "md --images none", "jsonl --max-bytes 1m"] {
        let refused = run(&home, &format!("export {id} --format {words}"));
        assert!(
            refused.code == 2 && refused.stdout.is_empty() && refused.stderr.contains("means nothing"),
            "{refused:?}"
        );
    }
    let bare = ok(&home, &format!("export {id} --format md --no-outputs")).stdout;
    assert!(bare.contains("unittest") && !bare.contains("line 100"), "{bare}");
}

#[test]
fn in_codex_a_page_does_not_go_to_the_model() {
    let (home, id) = story();
    let mut command = home.command();
    command.args(["export", &id]).env("CODEX_THREAD_ID", &id).current_dir(home.work());
    let told = ran(command.output().unwrap());
    assert!(told.code == 0 && told.stdout.is_empty(), "{told:?}");
    assert!(home.work().join("count-the-words-in-a-file.html").is_file());
    let into = fs::File::create(home.work().join("redirected.html")).unwrap();
    assert!(command.stdout(into).status().unwrap().success());
    assert!(fs::read_to_string(home.work().join("redirected.html")).unwrap().ends_with("</html>\n"));
}

#[test]
fn what_is_too_large_is_cut_and_then_split() {
    let (home, id) = story();
    let cut = ok(&home, &format!("export {id} --detail full --max-bytes 18k --out cut.html"));
    assert!(cut.stderr.contains("cut to 40 lines"), "{}", cut.stderr);
    let parts = ["cut.html", "cut-2.html"].map(|name| fs::read_to_string(home.work().join(name)).unwrap_or_default());
    assert!(parts.concat().contains("60 lines left out"));
    ok(&home, &format!("export {id} --max-bytes 19k --out split.html"));
    let first = fs::read_to_string(home.work().join("split.html")).unwrap();
    let second = fs::read_to_string(home.work().join("split-2.html")).unwrap();
    assert!(first.contains("href=\"split-2.html\"") && first.contains("page 1 of"), "{first}");
    assert!(second.contains("href=\"split.html\"") && second.contains("href=\"split.html#t1\""), "{second}");
    let ids: Vec<usize> = (1..=4).map(|turn| first.matches(&format!("<section id=t{turn}>")).count()).collect();
    assert!(ids[0] == 1 && ids[3] == 0, "each turn is on one page: {ids:?}");
}

#[test]
fn a_file_s_ending_says_what_is_written_into_it() {
    let (home, id) = story();
    let begins = |name: &str, words: &str| {
        ok(&home, &format!("export {id} --out {name} {words}"));
        fs::read_to_string(home.work().join(name)).unwrap().chars().next().unwrap()
    };
    assert_eq!(
        [begins("it.md", ""), begins("it.jsonl", ""), begins("it.html", ""), begins("it", "")],
        ['#', '{', '<', '<']
    );
    assert_eq!(begins("other.md", "--format html"), '<');
}

#[test]
fn a_page_that_is_larger_than_wished_is_told() {
    let (home, id) = story();
    let told = |words: &str| ok(&home, &format!("export {id} --max-bytes {words}")).stderr;
    assert!(told("1k --out parts.html").contains("more than --max-bytes says: a turn is not split"));
    assert!(told("19k --out -").contains("more than --max-bytes says: standard output takes one page"));
    assert!(!told("32k --out fits.html").contains("--max-bytes"));
}

#[test]
fn pictures_are_shown_if_they_are_pictures() {
    let home = Home::empty();
    let mut session = Written::new(1);
    session.open_turn("look");
    let image = |data: &str| json!({ "type": "message", "role": "user", "content": [{ "type": "input_image", "image_url": data }] });
    session.response(&image("data:image/png;base64,iVBORw0KGgo="));
    session.response(&image("data:image/svg+xml;base64,PHN2Zz4="));
    session.event(&json!({ "type": "item_completed", "item": { "type": "ImageView", "id": "i", "path": "/a.png" } }));
    session.close().put(&home);
    home.ok("init -q --no-hooks");
    let page = ok(&home, &format!("export {} --out -", id(1))).stdout;
    assert_eq!(page.matches("<img").count(), 1, "{page}");
    assert!(page.contains("src=\"data:image/png;base64,iVBORw0KGgo=\""), "{page}");
    let none = ok(&home, &format!("export {} --out - --images none", id(1))).stdout;
    assert!(!none.contains("<img") && none.contains("/a.png"), "{none}");
}

#[test]
fn a_page_without_a_terminal_goes_to_standard_output() {
    let (home, id) = story();
    assert!(ok(&home, &format!("export {id}")).stdout.starts_with("<!doctype html>"));
    assert!(ok(&home, &format!("export {id} --format md")).stdout.starts_with("# count the words in a file\n"));
    let none = run(&home, "export nothing-of-the-kind");
    assert!(none.code == 1 && none.stdout.is_empty(), "{none:?}");
    assert!(SessionId::parse(&id).is_some());
}
