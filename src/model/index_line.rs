//! The lines of an index: what a machine tells at a remote of each session that it has there.
//!
//! Ten fields with a tab between: the session, the last commit of its branch, that of the lines after it or `-`, turns, bytes, the time of its last
//! turn, the project or `-`, flags, its name in Codex, its title. The flags are `s` if another session started it, with `:` and that one's id. Lines are sorted by session, and no longer than [`LONGEST_LINE`].

use std::cmp::Ordering;

use super::{ObjectId, SessionId, text};

/// The longest line, in bytes.
pub const LONGEST_LINE: usize = 1024;

/// The end of the last year with four digits, in seconds since 1970.
const LAST: i64 = 253_402_300_800;

/// What a machine tells of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IndexLine {
    /// The session.
    pub session: SessionId,
    /// The last commit of its branch.
    pub tip: ObjectId,
    /// The commit of the lines after it.
    pub open: Option<ObjectId>,
    /// How many turns it has.
    pub turns: u32,
    /// How many bytes of its rollout that is.
    pub bytes: u64,
    /// When its last turn ended, in seconds since 1970.
    pub changed: i64,
    /// What all addresses of the repository that it began in have in common.
    pub project: Option<String>,
    /// Whether another session started it.
    pub is_subagent: bool,
    /// The one that did, where that is told.
    pub parent: Option<SessionId>,
    /// Its name in Codex.
    pub name: Option<String>,
    /// Its first prompt, on one line.
    pub title: Option<String>,
}

impl IndexLine {
    /// A line with what tells where a session ends.
    pub const fn new(session: SessionId, tip: ObjectId, open: Option<ObjectId>) -> Self {
        let (project, parent, name, title) = (None, None, None, None);
        Self { session, tip, open, turns: 0, bytes: 0, changed: 0, project, is_subagent: false, parent, name, title }
    }

    /// Where it ends: its branch, and the lines after that.
    pub const fn heads(&self) -> (ObjectId, Option<ObjectId>) {
        (self.tip, self.open)
    }

    /// The commits of both.
    pub fn commits(&self) -> impl Iterator<Item = ObjectId> {
        self.open.into_iter().chain([self.tip])
    }

    /// Its last commit, lines after the last turn included.
    pub fn head(&self) -> ObjectId {
        self.open.unwrap_or(self.tip)
    }

    /// The order in which sessions are told: the newest first.
    pub fn newest_first(&self, other: &Self) -> Ordering {
        other.changed.cmp(&self.changed).then(other.session.cmp(&self.session))
    }

    /// The line, without its end.
    pub fn render(&self) -> String {
        let open = self.open.map_or_else(|| "-".to_owned(), |open| open.to_string());
        let project = self.project.as_deref().map(cell).filter(|project| !project.is_empty());
        let project = project.unwrap_or_else(|| "-".to_owned());
        let flags = match self.parent {
            _ if !self.is_subagent => String::new(),
            Some(parent) => format!("s:{parent}"),
            None => "s".to_owned(),
        };
        let name = self.name.as_deref().map(cell).unwrap_or_default();
        let title = self.title.as_deref().map(cell).unwrap_or_default();
        let Self { session, tip, turns, bytes, changed, .. } = self;
        let mut line = String::with_capacity(256);
        line.push_str(session.written(&mut [0; SessionId::LEN]));
        line.push('\t');
        line.push_str(tip.written(&mut [0; ObjectId::LEN]));
        line.push_str(&format!("\t{open}\t{turns}\t{bytes}\t{changed}\t{project}\t{flags}\t{name}\t{title}"));
        line
    }

    /// Reads a line; `None` if it is none. Its texts are plain, whoever wrote them.
    pub fn parse(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split('\t').collect();
        let [session, tip, open, turns, bytes, changed, project, flags, name, title] = fields[..] else { return None };
        let open = if open == "-" { None } else { Some(open.parse().ok()?) };
        let turns: u32 = turns.parse().ok().filter(|turns| *turns < 1_000_000)?;
        let texts = |field: &str| Some(cell(field)).filter(|text| !text.is_empty());
        let is_short = line.len() <= LONGEST_LINE;
        is_short.then_some(())?;
        Some(Self {
            session: SessionId::parse(session)?,
            tip: tip.parse().ok()?,
            open,
            turns,
            bytes: bytes.parse().ok()?,
            changed: changed.parse().ok().filter(|changed| (0..LAST).contains(changed))?,
            project: texts(project).filter(|project| project != "-"),
            is_subagent: flags.contains('s'),
            parent: flags.strip_prefix("s:").and_then(SessionId::parse),
            name: texts(name),
            title: texts(title),
        })
    }
}

/// The longest text in a line, in bytes: characters without a width are cut by no columns.
const LONGEST_CELL: usize = 240;

/// A text as it stands in a line: cleaned and cut as the subject of a commit is.
fn cell(field: &str) -> String {
    let mut cell = text::subject(field);
    let end = (0..=LONGEST_CELL.min(cell.len())).rev().find(|at| cell.is_char_boundary(*at));
    cell.truncate(end.unwrap_or(0));
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> IndexLine {
        let session = SessionId::parse("01a20579-8247-72d2-b159-c5492aec819f").unwrap();
        let id = |digit: char| digit.to_string().repeat(40).parse().unwrap();
        IndexLine {
            turns: 12,
            bytes: 3456,
            changed: 1_700_000_000,
            project: Some("github.com/a/b".to_owned()),
            is_subagent: true,
            name: Some("parser".to_owned()),
            title: Some("fix it".to_owned()),
            ..IndexLine::new(session, id('a'), Some(id('b')))
        }
    }

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let bare = IndexLine { project: None, name: None, title: None, open: None, is_subagent: false, ..line() };
        let agent = IndexLine { parent: Some(line().session), ..line() };
        for line in [line(), bare, agent] {
            assert_eq!(IndexLine::parse(&line.render()), Some(line));
        }
    }

    #[test]
    fn no_text_steers_a_terminal_or_breaks_a_line() {
        let odd = IndexLine { title: Some("a\tb\n\u{1b}[31mred".to_owned()), ..line() };
        let read = IndexLine::parse(&odd.render()).unwrap();
        assert!(read.title.unwrap().chars().all(|c| !c.is_control()));
        let forged = line().render().replace("fix it", "\u{1b}]0;x\u{7}fix");
        assert!(IndexLine::parse(&forged).unwrap().title.unwrap().chars().all(|c| !c.is_control()));
    }

    #[test]
    fn every_text_makes_a_line_that_can_be_read() {
        for text in ["e\u{301}".repeat(4000), "\u{301}".repeat(4000), "界".repeat(4000), "\t\n".repeat(100)] {
            let texts = |text: &String| Some(text.clone());
            let odd = IndexLine { project: texts(&text), name: texts(&text), title: texts(&text), ..line() };
            let read = IndexLine::parse(&odd.render()).unwrap();
            assert_eq!(read.render(), odd.render());
        }
    }

    #[test]
    fn what_is_no_line_is_not_read() {
        let good = line().render();
        for bad in [
            String::new(),
            good.replace('\t', " "),
            good.replacen("01a2", "01A2", 1),
            good.replacen("\t12\t", "\t1000000\t", 1),
            good.replacen("\t12\t", "\t-1\t", 1),
            good.replacen("aaaa", "zzzz", 1),
            format!("{good}\tmore"),
            format!("{good}{}", "x".repeat(1024)),
        ] {
            assert_eq!(IndexLine::parse(&bad), None, "{bad:.80}");
        }
    }
}
