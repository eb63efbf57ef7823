//! The page of all sessions over time.

use std::fs;

use serde_json::{Value, json};

use super::{ok, run, story};
use crate::support::browser::{eval, open};
use crate::support::story::{Written, id};

#[test]
fn every_session_is_a_bar_and_forks_hang_on_what_they_began_from() {
    let (home, base) = story();
    Written::new(3).cwd("/work/other").turn("elsewhere").put(&home);
    let page = ok(&home, "graph --html --out -").stdout;
    assert!(page.contains("<title>3 sessions in 2 projects</title>"), "{page}");
    assert_eq!(page.matches("<rect").count(), 3);
    assert!(page.contains(&format!("<rect id=\"{}\" class=fork", id(2))), "{page}");
    assert_eq!(page.matches("<path").count(), 1, "the fork is joined to its base");
    assert!(page.contains("<circle") && page.contains("<title>shipped</title>"), "{page}");
    assert!(page.contains(">24 Nov 2026</text>"), "{page}");
    let one = ok(&home, "graph --out - --cwd /work/other").stdout;
    assert!(one.contains("1 session in 1 project") && !one.contains(&base), "{one}");
    let none = run(&home, "graph --out - --since 2027-01-01");
    assert!(none.code == 1 && none.stdout.is_empty() && none.stderr.contains("no session matches"), "{none:?}");
}

#[test]
fn bars_lead_to_pages_where_pages_were_asked_for() {
    let (home, base) = story();
    let told = ok(&home, "graph --pages site");
    assert!(told.stderr.contains("2 pages"), "{}", told.stderr);
    let site = home.work().join("site");
    let index = fs::read_to_string(site.join("index.html")).unwrap();
    assert!(index.contains(&format!("<a href=\"{base}.html\">")), "{index}");
    let page = fs::read_to_string(site.join(format!("{base}.html"))).unwrap();
    assert!(page.contains(&format!("<a href=\"{}.html\">", id(2))), "a fork's page is a click away");
    let again = run(&home, "graph --pages site");
    assert!(again.code == 2 && again.stderr.contains("exists already"), "{again:?}");
    ok(&home, "graph --pages site --force");
}

#[test]
fn the_page_can_be_filtered_and_gives_ids() {
    let (home, base) = story();
    Written::new(3).cwd("/work/other").turn("elsewhere").put(&home);
    ok(&home, "graph --out graph.html");
    let later = "new Promise((done) => setTimeout(done, 400))";
    let steps = vec![
        json!({ "key": "/" }),
        json!({ "type": "elsewhere" }),
        eval(later),
        eval("document.getElementById('found').textContent"),
        eval("[...document.querySelectorAll('section')].filter((project) => !project.hidden).length"),
        json!({ "key": "Escape" }),
        eval(&format!("document.getElementById('{base}').dispatchEvent(new MouseEvent('click', {{ bubbles: true }}))")),
        eval(later),
        eval("document.getElementById('found').textContent"),
    ];
    let seen = open(&home.work().join("graph.html"), (1280, 800), steps);
    assert_eq!(seen.values[1..3], [json!("1 of 3 sessions"), json!(1)]);
    assert_eq!(seen.values.last(), Some(&Value::from(base)));
    assert_eq!((seen.console, seen.requests.len()), (vec![], 1));
}
