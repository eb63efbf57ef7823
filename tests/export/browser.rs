//! Pages in a real browser: one request, nothing in the console, and all that a reader does with them.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{ok, story};
use crate::support::Home;
use crate::support::browser::{drive, eval, open};

/// Waits for what a page does a moment after it was typed to, or drawn.
const LATER: &str = "new Promise((done) => setTimeout(done, 400))";

fn page() -> (Home, PathBuf) {
    let (home, id) = story();
    ok(&home, &format!("export {id} --out page.html"));
    let page = home.work().join("page.html");
    (home, page)
}

/// An expression that is true as soon as an element is drawn, and false where it is not.
fn is_drawn(selector: &str) -> Value {
    eval(&format!("document.querySelector({selector:?}).checkVisibility()"))
}

#[test]
fn a_page_loads_nothing_and_complains_of_nothing() {
    let (_home, page) = page();
    let seen = open(&page, (1280, 900), vec![eval(LATER), eval("document.title")]);
    assert_eq!(seen.values[1], "count the words in a file");
    assert_eq!((seen.requests.len(), seen.console), (1, vec![]), "{:?}", seen.requests);
}

#[test]
fn commands_open_and_the_talk_alone_can_be_shown_with_and_without_the_script() {
    let (_home, page) = page();
    for script in [true, false] {
        let steps = [
            json!({ "size": [1280, 900], "script": script, "open": page }),
            is_drawn("details.run pre"),
            eval("document.querySelector('details.run summary').click()"),
            is_drawn("details.run pre"),
            eval("document.querySelector('label[for=talk]').click()"),
            is_drawn("details.run"),
            is_drawn(".prompt"),
            is_drawn(".diff"),
        ];
        let seen = drive(&steps);
        let drawn: Vec<_> = seen.values.iter().filter(|value| !value.is_null()).collect();
        assert_eq!(drawn, [&json!(false), &json!(true), &json!(false), &json!(true), &json!(true)], "script: {script}");
    }
}

#[test]
fn everything_opens_and_closes_at_once() {
    let (_home, page) = page();
    let closed = eval("document.querySelectorAll('section details:not([open])').length");
    let press = eval("document.getElementById('open').click()");
    let seen = open(&page, (1280, 900), vec![closed.clone(), press.clone(), closed.clone(), press, closed]);
    let counts: Vec<_> = seen.values.iter().filter_map(Value::as_u64).collect();
    assert!(counts[0] == 1 && counts[1] == 0 && counts[2] == 3, "{counts:?}");
}

#[test]
fn what_is_looked_for_is_found_marked_and_unfolded() {
    let (_home, page) = page();
    let steps = vec![
        json!({ "key": "/" }),
        json!({ "type": "LINE 99" }),
        eval(LATER),
        eval("document.getElementById('found').textContent"),
        eval("[...document.querySelectorAll('section')].filter((turn) => !turn.hidden).map((turn) => turn.id).join()"),
        eval("document.querySelector('details.run').open"),
        eval("CSS.highlights.get('found').size"),
        json!({ "key": "Escape" }),
        eval("document.querySelectorAll('section[hidden]').length"),
    ];
    let seen = open(&page, (1280, 900), steps);
    assert_eq!(seen.values[1..], [json!("1 of 4 turns"), json!("t2"), json!(true), json!(1), json!(0)]);
}

#[test]
fn keys_go_from_turn_to_turn() {
    let (_home, page) = page();
    let top = || {
        eval(
            "new Promise((done) => setTimeout(() => done([...document.querySelectorAll('section')].find((turn) => turn.getBoundingClientRect().bottom > 40).id), 900))",
        )
    };
    let key = |key: &str| json!({ "key": key });
    let seen = open(&page, (1280, 300), vec![key("j"), top(), key("j"), top(), key("k"), top()]);
    assert_eq!(seen.values, ["t1", "t2", "t1"].map(Value::from));
}

#[test]
fn both_themes_are_there_whatever_the_system_says() {
    let (_home, page) = page();
    let back = || eval("getComputedStyle(document.querySelector('.page')).backgroundColor");
    let change = || eval("document.querySelector('label[for=theme]').click()");
    let seen = drive(&[
        json!({ "dark": false, "open": page }),
        back(),
        change(),
        back(),
        json!({ "dark": true }),
        back(),
        change(),
        back(),
    ]);
    let colours: Vec<_> = seen.values.iter().filter_map(Value::as_str).collect();
    assert_eq!(colours[0], colours[2], "the other of dark is light");
    assert_eq!(colours[1], colours[3], "the other of light is dark");
    assert_ne!(colours[0], colours[1]);
}

#[test]
fn a_phone_shows_it_without_scrolling_sideways() {
    let (_home, page) = page();
    let steps = vec![
        eval("document.documentElement.scrollWidth"),
        eval("document.querySelector('nav').checkVisibility()"),
        eval("document.querySelector('label[for=contents]').click()"),
        eval("document.querySelector('nav').checkVisibility()"),
        eval("document.documentElement.scrollWidth"),
    ];
    let seen = open(&page, (390, 800), steps);
    assert_eq!(seen.values, [json!(390), json!(false), json!(null), json!(true), json!(390)]);
}
