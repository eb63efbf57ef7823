//! The map of a session: its turns as a row of dots that lead to them, and its forks below, each from the turn that it began at.

use super::markup::Markup;
use crate::model::text;

/// How wide the row of turns gets at the most, where a turn need not be narrower than a hand can point at.
const WIDEST: usize = 900;
const STEPS: (usize, usize) = (6, 26);

/// How far rows stand apart.
const ROW: usize = 24;

/// How wide a letter is taken to be, and how many of a title are shown.
const LETTER: usize = 7;
const TITLE: usize = 48;

/// How many forks the map shows; of more, the last ones, and how many there are.
const FORKS: usize = 12;

/// A turn on the map.
pub struct Stop {
    /// Its number.
    pub number: u32,
    /// The address of the page that it is on; empty for this one.
    pub page: String,
    /// What was asked.
    pub prompt: String,
    /// Whether a save stands on it.
    pub is_saved: bool,
    /// Whether it failed, was stopped or never ended.
    pub is_bad: bool,
    /// The forks that begin there: what each is called, and how many turns of its own it has.
    pub forks: Vec<(String, u32)>,
}

/// Adds the map of a session that has forks; of others the list of turns says as much.
pub(super) fn map(out: &mut Markup, stops: &[Stop]) {
    let forks: usize = stops.iter().map(|stop| stop.forks.len()).sum();
    if forks == 0 {
        return;
    }
    let step = (WIDEST / stops.len()).clamp(STEPS.0, STEPS.1);
    let mut drawing = Drawing { step, lines: Markup::default(), dots: Markup::default(), width: 0 };
    drawing.turns(stops);
    // The last fork comes first: so no line runs through a title.
    let mut row = 0;
    for (at, stop) in stops.iter().enumerate().rev() {
        for (title, turns) in stop.forks.iter().take(FORKS - row) {
            row += 1;
            drawing.fork(at, row, title, *turns);
        }
    }
    if forks > row {
        row += 1;
        drawing.remark(row, &format!("and {} more forks", forks - FORKS));
    }
    let (width, height) = (drawing.width, ROW * (row + 1) + 8);
    out.tags("<figure class=map><svg aria-label=\"the forks of this session\" width=").number(width as u64);
    out.tags(" height=").number(height as u64).tags(" viewBox=\"0 0 ").number(width as u64).tags(" ");
    out.number(height as u64).tags("\">").add(&drawing.lines).add(&drawing.dots).tags("</svg></figure>\n");
}

/// A map in the making: dots stand on lines.
struct Drawing {
    step: usize,
    lines: Markup,
    dots: Markup,
    width: usize,
}

impl Drawing {
    fn x(&self, turn: usize) -> usize {
        14 + turn * self.step
    }

    fn reach(&mut self, x: usize) {
        self.width = self.width.max(x);
    }

    fn turns(&mut self, stops: &[Stop]) {
        let (first, last) = (self.x(0), self.x(stops.len() - 1));
        self.reach(last + 14);
        self.lines.tags("<path d=\"M").number(first as u64).tags(" 20H").number(last as u64).tags("\"/>");
        let is_crowded = self.step < 12;
        for (at, stop) in stops.iter().enumerate() {
            if is_crowded && !(stop.is_saved || stop.is_bad || !stop.forks.is_empty()) {
                continue;
            }
            let x = self.x(at) as u64;
            self.dots.tags("<a").attribute("href", &format!("{}#t{}", stop.page, stop.number)).tags("><circle cx=");
            self.dots.number(x).tags(" cy=20 r=").number(if stop.is_saved { 6 } else { 5 });
            self.dots.tags(match (stop.is_bad, stop.is_saved) {
                (true, _) => " class=bad>",
                (false, true) => " class=saved>",
                (false, false) => ">",
            });
            let title = format!("{}. {}", stop.number, stop.prompt);
            self.dots.tags("<title>").line(&title).tags("</title></circle></a>");
        }
    }

    fn remark(&mut self, row: usize, words: &str) {
        self.dots.tags("<text x=14 y=").number((24 + row * ROW) as u64).tags(">").line(words).tags("</text>");
        self.reach(20 + text::width(words) * LETTER);
    }

    fn fork(&mut self, at: usize, row: usize, title: &str, turns: u32) {
        let (from, y) = (self.x(at), 20 + row * ROW);
        let dots = (turns as usize).clamp(1, 12);
        let (first, end) = (from + 20, from + 20 + (dots - 1) * 14);
        self.lines
            .tags("<path class=fork d=\"M")
            .number(from as u64)
            .tags(" 20V")
            .number((y - 9) as u64)
            .tags("q0 9 9 9H");
        self.lines.number(end as u64).tags("\"/>");
        for dot in 0..dots {
            self.dots.tags("<circle class=").tags(if turns == 0 { "new" } else { "fork" }).tags(" cx=");
            self.dots.number((first + dot * 14) as u64).tags(" cy=").number(y as u64).tags(" r=4 />");
        }
        let title = text::fit(title, TITLE).into_owned();
        self.dots.tags("<text x=").number((end + 12) as u64).tags(" y=").number((y + 4) as u64).tags(">");
        self.dots.line(&title).tags("</text>");
        self.reach(end + 20 + text::width(&title) * LETTER);
    }
}
