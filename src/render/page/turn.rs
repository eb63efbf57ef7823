//! A turn as markup: its head, its items, and what goes on from it.

use std::collections::BTreeMap;

use super::detail::{Amount, Detail};
use super::item::item;
use super::markup::Markup;
use crate::model::{Item, Picture, What};
use crate::render::Ruler;
use crate::render::words::count;

/// A turn as a page tells it.
pub struct Section<'t> {
    /// What stands above it.
    pub ruler: Ruler,
    /// Whether it is no part of the conversation any more.
    pub is_aside: bool,
    /// What was said and done.
    pub items: &'t [Item],
    /// The pictures of the items, by their places among the items.
    pub pictures: BTreeMap<usize, Vec<Picture>>,
    /// What goes on from it.
    pub branches: Vec<Branch>,
}

/// A session that begins at a turn.
pub struct Branch {
    /// What it is: `fork` or `agent`.
    pub what: &'static str,
    /// What it is called.
    pub title: String,
    /// Its id, as people read it.
    pub id: String,
    /// The address of its page, if there is one.
    pub page: Option<String>,
}

impl Section<'_> {
    /// The turn as markup.
    pub fn markup(&self, detail: &Detail) -> Markup {
        let mut out = Markup::default();
        out.tags("<section id=t").number(self.ruler.number);
        out.tags(if self.is_aside { " class=aside>" } else { ">" });
        self.head(&mut out);
        let no_pictures = Vec::new();
        for (at, told) in detail.told(self.items) {
            item(&mut out, &told.what, self.pictures.get(&at).unwrap_or(&no_pictures), detail);
        }
        let unknown = self.items.iter().filter(|item| matches!(item.what, What::Unknown { .. })).count();
        if unknown > 0 && detail.amount == Amount::Brief {
            let words = format!("{} of a kind that this version does not know", count(unknown, "record"));
            out.tags("<p class=mark>").text(&words).tags("</p>");
        }
        self.branches.iter().for_each(|branch| branch.write(&mut out));
        out.tags("</section>\n");
        out
    }

    fn head(&self, out: &mut Markup) {
        let ruler = &self.ruler;
        out.tags("<header><h2><a class=number href=#t").number(ruler.number).tags(" aria-label=\"turn ");
        out.number(ruler.number).tags("\">").number(ruler.number).tags("</a></h2>");
        ruler.saves.iter().for_each(|save| _ = out.tags(" <b class=save>").line(save).tags("</b>"));
        ruler.warnings.iter().for_each(|warning| _ = out.tags(" <b class=bad>").line(warning).tags("</b>"));
        let facts = [&ruler.when, &ruler.took, &ruler.model, &ruler.tokens];
        let facts: Vec<&str> = facts.into_iter().map(String::as_str).filter(|fact| !fact.is_empty()).collect();
        out.tags("<small>").line(&facts.join(" · ")).tags("</small></header>");
    }
}

impl Branch {
    fn write(&self, out: &mut Markup) {
        out.tags("<p class=branch>").tags(self.what).tags(" ");
        match &self.page {
            Some(page) => _ = out.tags("<a").attribute("href", page).tags(">").line(&self.title).tags("</a>"),
            None => _ = out.tags("<b>").line(&self.title).tags("</b>"),
        }
        out.tags(" <code>").line(&self.id).tags("</code></p>");
    }
}
