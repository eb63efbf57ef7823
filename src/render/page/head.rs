//! What stands around the turns of a page: what it is about, the list of its turns and files, the map, and the tools.

use super::diff::counts;
use super::frame;
use super::map::{Stop, map};
use super::markup::Markup;
use crate::model::patch::Touched;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// A page about a session.
#[derive(Default)]
pub struct Page {
    /// What the session is called.
    pub name: String,
    /// Its id.
    pub session: String,
    /// The commit of its last turn.
    pub commit: String,
    /// Who made the page.
    pub maker: String,
    /// What stands above the name: what this is, and of when.
    pub kicker: String,
    /// Where it worked: the directory, and what it was on.
    pub place: String,
    /// Where it comes from, and what is missing, a sentence each.
    pub notes: Vec<String>,
    /// What it comes to: a name, an amount, and what of that went wrong.
    pub facts: Vec<(&'static str, String, Option<String>)>,
    /// Its turns.
    pub entries: Vec<Entry>,
    /// The files that its patches touched.
    pub files: Vec<Touched>,
    /// The turns as the map shows them.
    pub stops: Vec<Stop>,
}

/// A turn in the list of turns.
pub struct Entry {
    /// Its number.
    pub number: u32,
    /// The address of the page that it is on; empty where all are on one.
    pub page: String,
    /// What was asked, on one line.
    pub prompt: String,
    /// The saves on it.
    pub saves: Vec<String>,
    /// Whether it failed, was stopped or never ended.
    pub is_bad: bool,
    /// How many lines its patches added and removed.
    pub lines: (usize, usize),
}

/// Which of several pages a page is.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// Its number, from 1, and how many there are.
    pub number: (usize, usize),
    /// The addresses of the page before and the page after.
    pub neighbours: (Option<String>, Option<String>),
}

impl Page {
    /// What comes before the turns.
    pub fn begin(&self, part: &Part) -> Markup {
        let mut out = Markup::default();
        frame::begin(&mut out, &self.name, STYLE, SCRIPT);
        // Before all else, so that the style sheet can see what is ticked.
        out.tags("<input type=checkbox id=theme aria-label=\"light or dark\">");
        out.tags("<input type=checkbox id=talk aria-label=\"hide commands\">");
        out.tags("<input type=checkbox id=contents aria-label=\"turns\">\n<div class=page>\n");
        self.contents(&mut out);
        out.tags("<main>\n");
        self.about(&mut out, part);
        out
    }

    /// What comes after them.
    pub fn end(&self, part: &Part) -> Markup {
        let mut out = Markup::default();
        self.parts(&mut out, part);
        out.tags("<footer>Session <code>").line(&self.session).tags("</code>, commit <code>").line(&self.commit);
        out.tags("</code>. Made by ").line(&self.maker).tags("; this page loads nothing and sends nothing.</footer>\n");
        out.tags("</main>\n</div>\n");
        frame::end(&mut out, SCRIPT);
        out
    }

    fn contents(&self, out: &mut Markup) {
        out.tags("<nav aria-label=\"turns and files\"><div>\n<p>Turns</p>\n<ol>\n");
        for entry in &self.entries {
            out.tags(if entry.is_bad { "<li class=bad><a" } else { "<li><a" });
            out.attribute("href", &format!("{}#t{}", entry.page, entry.number)).tags("><i>");
            out.number(entry.number).tags("</i><span>").line(&entry.prompt).tags("</span>");
            counts(out, entry.lines);
            entry.saves.iter().for_each(|save| _ = out.tags(" <b class=save>").line(save).tags("</b>"));
            out.tags("</a></li>\n");
        }
        out.tags("</ol>\n");
        if !self.files.is_empty() {
            out.tags("<p>Files</p>\n<ul>\n");
            for file in &self.files {
                out.tags("<li><span>").line(&file.path).tags("</span>");
                counts(out, (file.added, file.removed));
                out.tags("</li>\n");
            }
            out.tags("</ul>\n");
        }
        out.tags("</div></nav>\n");
    }

    fn about(&self, out: &mut Markup, part: &Part) {
        out.tags("<header class=about>\n<p class=kicker>").line(&self.kicker);
        if part.number.1 > 1 {
            out.tags(" · ").line(&format!("page {} of {}", part.number.0, part.number.1));
        }
        out.tags("</p>\n<h1>").line(&self.name).tags("</h1>\n");
        for line in std::iter::once(&self.place).chain(&self.notes).filter(|line| !line.is_empty()) {
            out.tags("<p class=place>").line(line).tags("</p>\n");
        }
        out.tags("<dl>");
        for (name, amount, wrong) in &self.facts {
            out.tags("<div><dt>").tags(name).tags("</dt><dd>").line(amount);
            wrong.iter().for_each(|wrong| _ = out.tags(" <small class=bad>").line(wrong).tags("</small>"));
            out.tags("</dd></div>");
        }
        out.tags("</dl>\n");
        map(out, &self.stops);
        out.tags(
            "<p class=tools><label class=contents for=contents>turns</label> <label for=talk>hide commands</label> ",
        );
        out.tags("<label for=theme>light or dark</label> <button type=button id=open hidden>open all</button> ");
        out.tags("<input type=search id=find hidden placeholder=\"find  /\" aria-label=\"find on this page\"> ");
        out.tags("<output id=found for=find></output></p>\n</header>\n");
        self.parts(out, part);
    }

    /// Leads to the pages before and after.
    fn parts(&self, out: &mut Markup, part: &Part) {
        let (before, after) = &part.neighbours;
        if before.is_none() && after.is_none() {
            return;
        }
        out.tags("<p class=parts>");
        if let Some(before) = before {
            out.tags("<a").attribute("href", before).tags(">← earlier turns</a> ");
        }
        if let Some(after) = after {
            out.tags("<a").attribute("href", after).tags(">later turns →</a>");
        }
        out.tags("</p>\n");
    }
}
