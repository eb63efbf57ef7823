//! What a snapshot says of itself, in the message of its commit: whose it is, of which root, what HEAD was, and what is not in it.
//!
//! The last paragraph holds trailers, the paragraph before names what was left out and which files nobody else may read, a line each.

use super::super::trailers::{Message, Trailers};
use super::super::{ObjectId, SessionId};
use super::{CodeMoment, LeftOut, Reason, Rule, RuleOf, lies_in, quoted, unquoted};

/// The version of the format that this code writes, and the newest that it reads.
pub const CODE_FORMAT: u32 = 1;

/// So many files that were left out are named; all are counted.
const NAMED: usize = 1000;
/// So many files that not everybody may read are named.
const CLOSED: usize = 1000;
/// More rules are not noted.
const RULES: usize = 1000;

const LEFT_OUT: &str = "left out: ";
const MODE: &str = "mode: ";
const RULE: &str = "rule: ";

/// A turn of a session, by the ids that Codex gave them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TurnKey {
    /// The session.
    pub session: SessionId,
    turn: String,
}

impl TurnKey {
    /// A turn's key; `None` for an id that no ref could be named by.
    pub fn new(session: SessionId, turn: &str) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let is_one = (1..=64).contains(&turn.len()) && turn.bytes().all(fits) && !turn.starts_with('-');
        is_one.then(|| Self { session, turn: turn.to_owned() })
    }

    /// Codex's id of the turn.
    pub fn turn(&self) -> &str {
        &self.turn
    }
}

/// What a snapshot says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Snapshot {
    /// The turn that it was taken at first; none for one that a person asked for.
    pub turn: Option<TurnKey>,
    /// When that was.
    pub moment: CodeMoment,
    /// The root, as its path's bytes.
    pub root: Vec<u8>,
    /// The folders of it that alone were looked at, as the root has too many files; none for all of it.
    pub parts: Vec<Vec<u8>>,
    /// The commit that the project was at.
    pub head: Option<ObjectId>,
    /// The branch that it was on.
    pub branch: Option<String>,
    /// How many files there are.
    pub files: u64,
    /// Whether something may have changed while the files were looked at.
    pub torn: bool,
    /// Whether only HEAD was looked at, and no file.
    pub light: bool,
    /// How many files were left out, by reason.
    pub left_out_counts: Vec<(Reason, u64)>,
    /// The first of them by name.
    pub left_out: Vec<LeftOut>,
    /// Files that not everybody may read, with their permissions.
    pub closed: Vec<(Vec<u8>, u32)>,
    /// The ignore rules that stood outside of the root's folders, the weakest first; none, where they were not noted, or not all of them.
    pub rules: Option<Vec<Rule>>,
    /// How long the look took, in milliseconds.
    pub took: u64,
}

impl Snapshot {
    /// One without files, of a root.
    pub fn of(root: Vec<u8>, turn: Option<TurnKey>, moment: CodeMoment) -> Self {
        Self {
            turn,
            moment,
            root,
            parts: Vec::new(),
            head: None,
            branch: None,
            files: 0,
            torn: false,
            light: false,
            left_out_counts: Vec::new(),
            left_out: Vec::new(),
            closed: Vec::new(),
            rules: None,
            took: 0,
        }
    }

    /// Takes note of the files that are left out.
    pub fn leave_out(&mut self, mut all: Vec<LeftOut>) {
        all.sort_unstable();
        for left in &all {
            match self.left_out_counts.iter_mut().find(|(reason, _)| *reason == left.reason) {
                Some((_, count)) => *count += 1,
                None => self.left_out_counts.push((left.reason, 1)),
            }
        }
        self.left_out_counts.sort_unstable();
        all.truncate(NAMED);
        self.left_out = all;
    }

    /// Takes note of the ignore rules that stood outside of the root's folders, unless there are very many.
    pub fn note_rules(&mut self, rules: Vec<Rule>) {
        let size: usize = rules.iter().map(|rule| rule.line.len()).sum();
        self.rules = (rules.len() <= RULES && size <= RULES * 64).then_some(rules);
    }

    /// Whether it names a file, or a folder that the file is in, among what it leaves out.
    pub fn leaves_out(&self, path: &[u8]) -> bool {
        self.left_out.iter().any(|left| lies_in(path, &left.path))
    }

    /// Whether all that another looked at was looked at.
    pub fn covers(&self, other: &Self) -> bool {
        let is_covered = |part: &Vec<u8>| self.parts.iter().any(|own| lies_in(part, own));
        self.parts.is_empty() || (!other.parts.is_empty() && other.parts.iter().all(is_covered))
    }

    /// What both looked at: these folders, or all of the root where there is none to be named; `None` if that is nothing.
    pub fn shared_parts(&self, other: &Self) -> Option<Vec<Vec<u8>>> {
        if self.parts.is_empty() || other.parts.is_empty() {
            return Some(if self.parts.is_empty() { &other.parts } else { &self.parts }.clone());
        }
        let within = |part: &&Vec<u8>, others: &[Vec<u8>]| others.iter().any(|other| lies_in(part, other));
        let own = self.parts.iter().filter(|part| within(part, &other.parts));
        let theirs = other.parts.iter().filter(|part| within(part, &self.parts));
        let shared: std::collections::BTreeSet<Vec<u8>> = own.chain(theirs).cloned().collect();
        (!shared.is_empty()).then(|| shared.into_iter().collect())
    }

    /// Whether a file, or any file in a folder, was not looked at, whatever it is called.
    pub fn is_beside(&self, path: &[u8]) -> bool {
        !self.parts.is_empty() && !self.parts.iter().any(|part| lies_in(path, part))
    }

    /// Whether nothing at a path, or below it, was looked at.
    pub fn knows_nothing_of(&self, path: &[u8]) -> bool {
        self.is_beside(path) && !self.parts.iter().any(|part| lies_in(part, path))
    }

    /// Whether it leaves a file out, or may: of very many, only the first are named.
    pub fn may_leave_out(&self, path: &[u8]) -> bool {
        let all: u64 = self.left_out_counts.iter().map(|(_, count)| count).sum();
        let is_beyond = self.left_out.last().is_none_or(|last| last.path.as_slice() < path);
        self.leaves_out(path) || (all > self.left_out.len() as u64 && is_beyond)
    }

    /// The paragraph that names files; empty if there is none to name.
    pub fn body(&self) -> String {
        let left = |left: &LeftOut| format!("{LEFT_OUT}{} {} {}\n", left.reason, left.bytes, quoted(&left.path));
        let mode = |(path, mode): &(Vec<u8>, u32)| format!("{MODE}{mode:04o} {}\n", quoted(path));
        let rule = |rule: &Rule| format!("{RULE}{} {}\n", rule.of, quoted(rule.line.as_bytes()));
        let rules = self.rules.iter().flatten().map(rule);
        self.left_out.iter().map(left).chain(self.closed.iter().take(CLOSED).map(mode)).chain(rules).collect()
    }

    /// The commit's message.
    pub fn render(&self) -> String {
        let at = self.turn.as_ref().map_or_else(String::new, |key| format!(" turn {}", key.turn));
        let body = self.body();
        let gap = if body.is_empty() { "" } else { "\n\n" };
        let mut out = Trailers::after(format!("code {}{at}{gap}{}", self.moment, body.trim_end()));
        out.put_some("Code-Session", self.turn.as_ref().map(|key| key.session));
        out.put_some("Code-Turn-Id", self.turn.as_ref().map(|key| &key.turn));
        out.put("Code-Moment", self.moment);
        out.put("Code-Root", quoted(&self.root));
        for part in &self.parts {
            out.put("Code-Part", quoted(part));
        }
        out.put_some("Code-Head", self.head);
        out.put_some("Code-Branch", self.branch.as_ref());
        out.put("Code-Files", self.files);
        out.put_some("Code-Light", self.light.then_some("true"));
        out.put_some("Code-Torn", self.torn.then_some("true"));
        for (reason, count) in &self.left_out_counts {
            out.put("Code-Left-Out", format!("{reason} {count}"));
        }
        out.put_some("Code-Rules", self.rules.as_ref().map(Vec::len));
        out.put("Code-Took", format!("{} ms", self.took));
        out.put("Code-Format", CODE_FORMAT);
        out.into_message()
    }

    /// Reads a commit's message; `None` if it is none of a snapshot.
    pub fn parse(text: &str) -> Option<Self> {
        let message = Message::read(text);
        message.parse::<u32>("Code-Format").filter(|format| *format <= CODE_FORMAT)?;
        let moment = CodeMoment::parse(message.get("Code-Moment")?)?;
        let session = message.get("Code-Session").and_then(SessionId::parse);
        let turn = session.and_then(|session| TurnKey::new(session, message.get("Code-Turn-Id")?));
        let counted = |value: &str| {
            let (reason, count) = value.split_once(' ')?;
            Some((Reason::parse(reason)?, count.parse().ok()?))
        };
        let left = |line: &str| {
            let mut words = line.strip_prefix(LEFT_OUT)?.splitn(3, ' ');
            let (reason, bytes) = (Reason::parse(words.next()?)?, words.next()?.parse().ok()?);
            Some(LeftOut { path: unquoted(words.next()?)?, bytes, reason })
        };
        let closed = |line: &str| {
            let (mode, path) = line.strip_prefix(MODE)?.split_once(' ')?;
            Some((unquoted(path)?, u32::from_str_radix(mode, 8).ok()? & 0o777))
        };
        let rule = |line: &str| {
            let (of, line) = line.strip_prefix(RULE)?.split_once(' ')?;
            Some(Rule { of: RuleOf::parse(of)?, line: String::from_utf8(unquoted(line)?).ok()? })
        };
        Some(Self {
            turn,
            moment,
            root: unquoted(message.get("Code-Root")?)?,
            parts: message.all("Code-Part").map(unquoted).collect::<Option<_>>()?,
            head: message.parse("Code-Head"),
            branch: message.text("Code-Branch"),
            files: message.parse("Code-Files").unwrap_or(0),
            torn: message.get("Code-Torn").is_some(),
            light: message.get("Code-Light").is_some(),
            left_out_counts: message.all("Code-Left-Out").filter_map(counted).collect(),
            left_out: text.lines().filter_map(left).collect(),
            closed: text.lines().filter_map(closed).collect(),
            rules: message.get("Code-Rules").map(|_| text.lines().filter_map(rule).collect()),
            took: message.get("Code-Took").and_then(|took| took.strip_suffix(" ms")?.parse().ok()).unwrap_or(0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_looks_have_in_common() {
        let of = |parts: &[&str]| {
            let parts = parts.iter().map(|part| part.as_bytes().to_vec()).collect();
            Snapshot { parts, ..Snapshot::of(b"/p".to_vec(), None, CodeMoment::Asked) }
        };
        let named = |parts: &[&str]| Some(parts.iter().map(|part| part.as_bytes().to_vec()).collect::<Vec<_>>());
        for (one, other, shared, covers) in [
            (&[][..], &[][..], named(&[]), [true, true]),
            (&[], &["a"], named(&["a"]), [true, false]),
            (&["a"], &["b"], None, [false, false]),
            (&["a"], &["ab"], None, [false, false]),
            (&["a", "b"], &["a/c", "d"], named(&["a/c"]), [false, false]),
            (&["a", "b"], &["b"], named(&["b"]), [true, false]),
        ] {
            let (one, other) = (of(one), of(other));
            assert_eq!((one.shared_parts(&other), other.shared_parts(&one)), (shared.clone(), shared));
            assert_eq!([one.covers(&other), other.covers(&one)], covers);
        }
        assert!(of(&["a"]).is_beside(b"ab") && !of(&["a"]).is_beside(b"a/b") && !of(&[]).is_beside(b"z"));
        assert!(
            of(&["a/b"]).is_beside(b"a") && !of(&["a/b"]).knows_nothing_of(b"a") && of(&["a/b"]).knows_nothing_of(b"c")
        );
    }

    fn session() -> SessionId {
        SessionId::parse("01a20579-8247-72d2-b159-c5492aec819f").unwrap()
    }

    #[test]
    fn what_a_snapshot_says_reads_back() {
        let mut snapshot = Snapshot::of(b"/w/a b\xff".to_vec(), TurnKey::new(session(), "t-1"), CodeMoment::After);
        let left = |path: &[u8], reason| LeftOut { path: path.to_vec(), bytes: 7, reason };
        snapshot.leave_out(vec![
            left(b"x\ny", Reason::Secret),
            left(b"big", Reason::TooLarge),
            left(b"k", Reason::Secret),
        ]);
        snapshot.closed = vec![(b"mode: 0600 a".to_vec(), 0o600), (b"\n\nCode-Root: /".to_vec(), 0o750)];
        let rule = |of, line: &str| Rule { of, line: line.to_owned() };
        snapshot.rules =
            Some(vec![rule(RuleOf::Person, "*.o "), rule(RuleOf::Own, "/\"a\t"), rule(RuleOf::Project, "ü")]);
        (snapshot.head, snapshot.branch) = (Some(ObjectId::from_bytes([7; 20])), Some("main".to_owned()));
        (snapshot.torn, snapshot.files, snapshot.took) = (true, 3, 12);
        assert_eq!(Snapshot::parse(&snapshot.render()), Some(snapshot.clone()));
        assert_eq!(snapshot.left_out_counts, [(Reason::Secret, 2), (Reason::TooLarge, 1)]);
        let bare = Snapshot::of(b"/".to_vec(), None, CodeMoment::Asked);
        assert_eq!(Snapshot::parse(&bare.render()), Some(bare));
    }

    #[test]
    fn what_a_later_version_wrote_is_not_read() {
        let text = Snapshot::of(b"/".to_vec(), None, CodeMoment::Asked).render();
        assert_eq!(Snapshot::parse(&text.replace("Code-Format: 1", "Code-Format: 2")), None);
        assert_eq!(Snapshot::parse("a"), None);
    }

    #[test]
    fn no_id_of_a_turn_leads_out_of_the_refs() {
        for id in ["01a2-b", "turn_1"] {
            assert!(TurnKey::new(session(), id).is_some(), "{id}");
        }
        for id in ["", "..", "a/b", "a.lock", "-x", "a b", &"x".repeat(65)] {
            assert!(TurnKey::new(session(), id).is_none(), "{id}");
        }
    }
}
