//! All sessions over time, as a page: projects as bands, sessions as bars from their first to their last turn, forks joined to what they began
//! from.

use std::collections::HashMap;

use super::frame;
use super::layout::{Days, Rows};
use super::markup::Markup;

const STYLE: &str = include_str!("timeline.css");
const SCRIPT: &str = include_str!("timeline.js");

/// How far rows of bars stand apart, and how high a bar is.
const ROW: usize = 16;
const BAR: usize = 10;

/// How wide a bar is for each of its turns, at least, and at the most for that reason alone.
const TURN: f64 = 3.0;
const TURNS: f64 = 60.0;

/// A page of sessions over time.
pub struct Timeline {
    /// What stands at the top.
    pub title: String,
    /// Who made the page.
    pub maker: String,
    /// The sessions, by project. Those that were worked in last come first.
    pub bands: Vec<Band>,
    /// What local time is ahead of UTC, in seconds.
    pub offset: i64,
    /// What a day is called, and what its year is, by its number since 1970.
    pub day: fn(i64) -> (String, i32),
}

/// The sessions of a project.
pub struct Band {
    /// Where they worked.
    pub name: String,
    /// They, in the order in which they began.
    pub bars: Vec<Bar>,
}

/// A session.
pub struct Bar {
    /// Its id.
    pub id: String,
    /// What it is called, and what is told of it, a line each.
    pub words: String,
    /// When its first own turn began and its last ended, in seconds since 1970.
    pub time: (i64, i64),
    /// How many turns of its own it has.
    pub turns: u32,
    /// The session that it began from, and when.
    pub from: Option<(String, i64)>,
    /// Whether another session started it to work for that.
    pub is_agent: bool,
    /// Whether only the store has it.
    pub is_gone: bool,
    /// Its saves, and when their turns ended.
    pub saves: Vec<(String, i64)>,
    /// The address of its page, if there is one.
    pub page: Option<String>,
}

impl Timeline {
    /// The page.
    pub fn markup(&self) -> Markup {
        let days = Days::of(self.bands.iter().flat_map(|band| band.bars.iter().map(|bar| bar.time)), self.offset);
        let mut out = Markup::default();
        frame::begin(&mut out, &self.title, STYLE, SCRIPT);
        out.tags("<input type=checkbox id=theme aria-label=\"light or dark\">\n<div class=page>\n<header>\n<h1>");
        out.line(&self.title)
            .tags("</h1>\n<p>a bar is a session, from its first turn to its last; <i class=fork></i> forks ");
        out.tags("and <i class=agent></i> agents hang below what they began from; <i class=save></i> a save; ");
        out.tags("<i class=gone></i> only in the store</p>\n<p class=tools><input type=search id=find hidden ");
        out.tags("placeholder=\"filter  /\" aria-label=\"filter\"> <output id=found for=find></output> ");
        out.tags("<label for=theme>light or dark</label> <small id=keys hidden>Ctrl and wheel: closer</small></p>\n</header>\n");
        out.tags("<main>\n");
        self.axis(&mut out, &days);
        self.bands.iter().for_each(|band| band.write(&mut out, &days));
        out.tags("</main>\n<footer>Made by ")
            .line(&self.maker)
            .tags("; this page loads nothing and sends nothing.</footer>\n");
        out.tags("</div>\n");
        frame::end(&mut out, SCRIPT);
        out
    }

    fn axis(&self, out: &mut Markup, days: &Days) {
        let width = units(days.width() + 200.0);
        out.tags("<svg class=axis height=24 width=").number(width).tags(">");
        let mut before = None;
        for (day, x) in days.iter() {
            let (name, year) = (self.day)(day);
            out.tags("<text x=").number(units(x)).tags(" y=16>").line(&name);
            // A year is told where it begins.
            if before.replace(year) != Some(year) {
                out.tags(" ").number(year);
            }
            out.tags("</text>");
        }
        out.tags("</svg>\n");
    }
}

impl Band {
    fn write(&self, out: &mut Markup, days: &Days) {
        let places: HashMap<&str, usize> =
            self.bars.iter().enumerate().map(|(at, bar)| (bar.id.as_str(), at)).collect();
        let mut rows = Rows::default();
        let base = |bar: &Bar| bar.from.as_ref().and_then(|(id, _)| places.get(id.as_str()).copied());
        let bases: Vec<Option<usize>> = self.bars.iter().map(base).collect();
        let mut bars = Markup::default();
        let mut joints = Markup::default();
        for at in bases_first(&bases) {
            let (bar, base) = (&self.bars[at], bases[at]);
            let (from, to) = bar.reach(days);
            let row = rows.place(at, (from, to), base);
            bar.write(&mut bars, (from, to), row, days);
            if let (Some(above), Some((_, moment))) = (base.and_then(|base| rows.of(base)), &bar.from) {
                let x = days.x(*moment).min(from);
                joints.tags("<path d=\"M").number(units(x)).tags(" ").number(middle(above)).tags("V");
                joints.number(middle(row)).tags("H").number(units(from)).tags("\"/>");
            }
        }
        out.tags("<section><h2><b>").line(&self.name).tags("</b> <small>").number(self.bars.len() as u64);
        out.tags("</small></h2><svg width=").number(units(days.width() + 200.0));
        out.tags(" height=").number((rows.count() * ROW + 4) as u64).tags(">").add(&joints).add(&bars);
        out.tags("</svg></section>\n");
    }
}

/// The order in which each comes after what it began from. Of a circle, one comes first.
fn bases_first(bases: &[Option<usize>]) -> Vec<usize> {
    let (mut order, mut seen) = (Vec::with_capacity(bases.len()), vec![false; bases.len()]);
    for start in 0..bases.len() {
        let (mut chain, mut next) = (Vec::new(), Some(start));
        while let Some(at) = next.filter(|at| !seen[*at]) {
            seen[at] = true;
            chain.push(at);
            next = bases[at];
        }
        order.extend(chain.into_iter().rev());
    }
    order
}

impl Bar {
    /// From where to where it goes.
    fn reach(&self, days: &Days) -> (f64, f64) {
        let (from, to) = (days.x(self.time.0), days.x(self.time.1));
        let least = (f64::from(self.turns) * TURN).clamp(2.0 * TURN, TURNS);
        (from, to.max(from + least))
    }

    fn write(&self, out: &mut Markup, (from, to): (f64, f64), row: usize, days: &Days) {
        if let Some(page) = &self.page {
            out.tags("<a").attribute("href", page).tags(">");
        }
        out.tags("<rect").attribute("id", &self.id);
        out.tags(match (self.is_gone, self.is_agent, self.from.is_some()) {
            (true, ..) => " class=gone",
            (false, true, _) => " class=agent",
            (false, false, true) => " class=fork",
            (false, false, false) => "",
        });
        out.tags(" x=").number(units(from)).tags(" y=").number((row * ROW + (ROW - BAR) / 2) as u64).tags(" width=");
        out.number(units(to - from).max(1)).tags("><title>").text(&self.words).tags("</title></rect>");
        for (name, moment) in &self.saves {
            let x = days.x(*moment).clamp(from, to);
            out.tags("<circle cx=").number(units(x)).tags(" cy=").number(middle(row)).tags("><title>");
            out.line(name).tags("</title></circle>");
        }
        if self.page.is_some() {
            out.tags("</a>");
        }
        out.tags("\n");
    }
}

fn middle(row: usize) -> u64 {
    (row * ROW + ROW / 2) as u64
}

/// A place in whole units: finer ones can't be seen.
fn units(place: f64) -> i64 {
    place.round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_bar_began_from_is_placed_before_it() {
        assert_eq!(bases_first(&[None, Some(3), None, Some(2)]), [0, 2, 3, 1]);
        assert_eq!(bases_first(&[Some(1), Some(0)]), [1, 0]);
    }
}
