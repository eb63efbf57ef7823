//! A conversation as pages: read turn by turn, made smaller where it is too large, and split where even that is not enough.

mod sections;

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use codex_git::model::Status;
use codex_git::model::item::What;
use codex_git::model::patch::{Touched, touched};
use codex_git::ops::{About, Conversation, LogEntry, Offshoot, Pictures, Point, Shown};
use codex_git::render;
use codex_git::render::page::{Amount, Branch, Detail, Entry, Markup, Page, Part, Section, Stop};
use codex_git::{SessionId, Workspace};

use crate::cli::context::Context;
use crate::cli::conversation::{place, ruler};
use crate::cli::failure::Failure;
use crate::cli::filters::Dates;
use crate::cli::words::{count, short};
use sections::Sections;

/// What stands around the turns of a page takes about so much, most of it the style.
const AROUND: usize = 16 << 10;

/// Larger pictures are named only, unless all are asked for.
const SMALL: usize = 256 << 10;

/// How large a page gets where nobody said.
pub const MOST_BYTES: usize = 32 << 20;

/// Which pictures are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Images {
    /// Those of up to 256 KiB
    Small,
    /// All
    All,
    /// None
    None,
}

/// What a page is made of, and how.
pub struct Wanted<'a> {
    pub point: &'a Point,
    /// How many of the last turns; all, if nobody said.
    pub last: Option<usize>,
    pub detail: Detail,
    pub images: Images,
    /// How large a page gets at the most.
    pub most_bytes: usize,
    /// Whether it may be split.
    pub splits: bool,
    /// The address of a session's page, where there is one.
    pub page_of: &'a dyn Fn(SessionId) -> Option<String>,
    /// The address of the page of a part, from 1.
    pub part: &'a dyn Fn(usize) -> String,
}

impl<'a> Wanted<'a> {
    /// One page with all turns, as nobody wished it otherwise.
    pub fn whole(point: &'a Point, page_of: &'a dyn Fn(SessionId) -> Option<String>) -> Self {
        Self {
            point,
            last: None,
            detail: Detail::of(Amount::Brief),
            images: Images::Small,
            most_bytes: MOST_BYTES,
            splits: false,
            page_of,
            part: &|_| String::new(),
        }
    }
}

/// What went into pages.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub turns: usize,
    pub commands: usize,
    pub failed: usize,
    pub pictures: usize,
    pub files: Vec<Touched>,
    tokens: u64,
}

/// A conversation as one page or several.
pub struct Pages {
    page: Page,
    sections: Sections,
    /// How many turns each page has.
    parts: Vec<usize>,
    names: Vec<String>,
    pub tally: Tally,
    /// Whether outputs had to be cut for it to fit.
    pub is_cut: bool,
    /// How many bytes the largest page has.
    pub largest: usize,
}

impl Pages {
    /// Makes the pages of a conversation.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn of(context: &Context, workspace: &Workspace, wanted: &Wanted<'_>) -> Result<Self, Failure> {
        let about = workspace.about(wanted.point)?;
        let cut = Detail { most_lines: wanted.detail.most_lines.min(Detail::FEW_LINES), ..wanted.detail };
        let can_be_cut = cut != wanted.detail;
        let mut reading = Reading::new(context, workspace, wanted, wanted.detail)?;
        let is_cut = can_be_cut && !reading.read(wanted.most_bytes)?;
        if is_cut {
            reading = Reading::new(context, workspace, wanted, cut)?;
        }
        if is_cut || !can_be_cut {
            reading.read(usize::MAX)?;
        }
        Ok(reading.pages(context, &about, wanted, is_cut))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.parts.len()
    }

    /// Writes a page, the first being 0.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn write(&mut self, number: usize, out: &mut dyn Write) -> io::Result<()> {
        let first: usize = self.parts[..number].iter().sum();
        let neighbour = |at: Option<usize>| at.and_then(|at| self.names.get(at).cloned());
        let part = Part {
            number: (number + 1, self.count()),
            neighbours: (neighbour(number.checked_sub(1)), neighbour(Some(number + 1))),
        };
        let (begin, end) = (self.page.begin(&part), self.page.end(&part));
        out.write_all(begin.as_str().as_bytes())?;
        self.sections.write(first..first + self.parts[number], out)?;
        out.write_all(end.as_str().as_bytes())
    }
}

/// A conversation that is being read.
struct Reading<'a> {
    context: &'a Context,
    wanted: &'a Wanted<'a>,
    detail: Detail,
    turns: Conversation<'a>,
    offshoots: HashMap<SessionId, Offshoot>,
    sections: Sections,
    entries: Vec<Entry>,
    stops: Vec<Stop>,
    /// How many lines the patches added to each file and removed from it.
    files: BTreeMap<String, (usize, usize)>,
    tally: Tally,
    /// Whether some output is told in part.
    leaves_out: bool,
    first: Option<LogEntry>,
    last: Option<LogEntry>,
}

impl<'a> Reading<'a> {
    fn new(
        context: &'a Context,
        workspace: &'a Workspace,
        wanted: &'a Wanted<'a>,
        detail: Detail,
    ) -> Result<Self, Failure> {
        let turns = workspace.show(wanted.point, wanted.last)?;
        let hanging = turns.turns().iter().flat_map(|turn| turn.forks.iter().chain(&turn.agents)).copied();
        let offshoots = workspace.offshoots(&hanging.collect::<Vec<SessionId>>())?;
        Ok(Self {
            context,
            wanted,
            detail,
            turns,
            offshoots,
            sections: Sections::new(),
            entries: Vec::new(),
            stops: Vec::new(),
            files: BTreeMap::new(),
            tally: Tally::default(),
            leaves_out: false,
            first: None,
            last: None,
        })
    }

    /// Reads all turns, unless they come to more bytes. Whether they did not.
    fn read(&mut self, most_bytes: usize) -> Result<bool, Failure> {
        let mut bytes = AROUND;
        while let Some(next) = self.turns.next_with_pictures() {
            let (shown, pictures) = next?;
            let section = self.section(&shown, pictures);
            bytes += section.len();
            if bytes > most_bytes {
                return Ok(false);
            }
            self.sections.push(&section).map_err(|error| Failure::Io("put pages aside", error))?;
            self.take(shown);
        }
        Ok(true)
    }

    fn section(&mut self, shown: &Shown, mut pictures: Pictures) -> Markup {
        let fits = |bytes: usize| match self.wanted.images {
            Images::All => true,
            Images::Small => bytes <= SMALL,
            Images::None => false,
        };
        pictures.values_mut().for_each(|pictures| pictures.retain(|picture| fits(picture.bytes())));
        self.tally.pictures +=
            self.detail.told(&shown.items).filter_map(|(at, _)| pictures.get(&at).map(Vec::len)).sum::<usize>();
        let section = Section {
            ruler: ruler(&shown.turn, Dates::Local.brief(shown.turn.started, self.context)),
            is_aside: shown.turn.superseded.is_some(),
            items: &shown.items,
            pictures,
            branches: self.branches(shown),
        };
        section.markup(&self.detail)
    }

    /// The forks of a turn, and the agents that no item of it names.
    fn branches(&self, shown: &Shown) -> Vec<Branch> {
        let names = |id: &SessionId| {
            let id = id.to_string();
            shown
                .items
                .iter()
                .any(|item| matches!(&item.what, What::Agent(agent) if agent.session.as_ref() == Some(&id)))
        };
        let branch = |what, id: &SessionId| Branch {
            what,
            title: self.offshoots.get(id).map_or_else(String::new, |offshoot| offshoot.title.clone()),
            id: short(*id),
            page: (self.wanted.page_of)(*id),
        };
        let agents = shown.turn.agents.iter().filter(|id| !names(id)).map(|id| branch("agent", id));
        agents.chain(shown.turn.forks.iter().map(|id| branch("fork", id))).collect()
    }

    fn take(&mut self, shown: Shown) {
        let Shown { turn, items } = shown;
        self.leaves_out |= self.detail.leaves_out(&items);
        let is_bad = !matches!(turn.status, Status::Complete | Status::Open);
        let mut lines = (0, 0);
        for Touched { path, added, removed } in touched(&items) {
            let file = self.files.entry(path).or_default();
            *file = (file.0 + added, file.1 + removed);
            lines = (lines.0 + added, lines.1 + removed);
        }
        self.entries.push(Entry {
            number: turn.turn,
            page: String::new(),
            prompt: turn.subject.clone(),
            saves: turn.saves.iter().map(ToString::to_string).collect(),
            is_bad,
            lines,
        });
        let fork = |id| self.offshoots.get(id).map(|fork| (fork.title.clone(), fork.turns));
        self.stops.push(Stop {
            number: turn.turn,
            page: String::new(),
            prompt: turn.subject.clone(),
            is_saved: !turn.saves.is_empty(),
            is_bad,
            forks: turn.forks.iter().filter_map(fork).collect(),
        });
        for item in &items {
            let What::Command(command) = &item.what else { continue };
            self.tally.commands += 1;
            self.tally.failed += usize::from(command.has_failed());
        }
        self.tally.turns += 1;
        self.tally.tokens += turn.tokens.unwrap_or(0);
        self.first.get_or_insert_with(|| turn.clone());
        self.last = Some(turn);
    }

    fn pages(mut self, context: &Context, about: &About, wanted: &Wanted<'_>, is_cut: bool) -> Pages {
        let file = |(path, (added, removed))| Touched { path, added, removed };
        self.tally.files = std::mem::take(&mut self.files).into_iter().map(file).collect();
        let (notes, facts) = (self.notes(about), self.facts());
        let started = self.first.as_ref().map(|turn| Dates::Local.brief(turn.started, self.context));
        let prompt = self.first.as_ref().map(|turn| turn.subject.clone());
        let mut page = Page {
            name: about.name.clone().or(prompt).unwrap_or_else(|| short(wanted.point.message.session)),
            session: wanted.point.message.session.to_string(),
            commit: wanted.point.id.short(),
            maker: format!("codex-git {}", env!("CARGO_PKG_VERSION")),
            kicker: format!("Codex session · {}", started.unwrap_or_default()),
            place: place(about, &context.person_home).unwrap_or_default(),
            notes,
            facts,
            entries: self.entries,
            files: self.tally.files.clone(),
            stops: self.stops,
        };
        // Each page has what stands around the turns.
        let around = page.begin(&Part::default()).len() + page.end(&Part::default()).len();
        let room = if wanted.splits { wanted.most_bytes.saturating_sub(around) } else { usize::MAX };
        let parts = split(self.sections.lengths(), room);
        let largest = around + largest(self.sections.lengths(), &parts);
        let names: Vec<String> = (1..=parts.len()).map(|number| (wanted.part)(number)).collect();
        if parts.len() > 1 {
            let page_of_turn = parts.iter().zip(&names).flat_map(|(turns, name)| std::iter::repeat_n(name, *turns));
            for ((entry, stop), name) in page.entries.iter_mut().zip(&mut page.stops).zip(page_of_turn) {
                entry.page.clone_from(name);
                stop.page.clone_from(name);
            }
        }
        Pages { page, sections: self.sections, parts, names, tally: self.tally, is_cut, largest }
    }

    fn facts(&self) -> Vec<(&'static str, String, Option<String>)> {
        let Tally { turns, tokens, commands, failed, files, .. } = &self.tally;
        let name = |number: usize, one, many| if number == 1 { one } else { many };
        let mut facts = vec![(name(*turns, "turn", "turns"), turns.to_string(), None)];
        if *tokens > 0 {
            let told = render::tokens(*tokens);
            facts.push(("tokens", told.trim_end_matches(" tokens").to_owned(), None));
        }
        if *commands > 0 && self.detail.amount != Amount::Prompts {
            facts.push((
                name(*commands, "command", "commands"),
                commands.to_string(),
                (*failed > 0).then(|| format!("{failed} failed")),
            ));
        }
        if !files.is_empty() {
            facts.push((name(files.len(), "file", "files"), files.len().to_string(), None));
        }
        facts
    }

    /// Where the session comes from, and what the page does not tell.
    fn notes(&self, about: &About) -> Vec<String> {
        let mut notes = Vec::new();
        notes.extend(about.origin.forked_from.map(|id| format!("fork of {}", short(id))));
        notes.extend(about.origin.parent.map(|id| format!("agent of {}", short(id))));
        notes.extend(self.wanted.point.message.missing_base.map(|base| {
            format!("its first turns are missing: they are in {}, whose rollout is not there", short(base))
        }));
        if let (Some(first), Some(last)) = (&self.first, &self.last)
            && (first.turn > 1 || self.wanted.last.is_some())
        {
            notes.push(format!("turns {} to {}", first.turn, last.turn));
        }
        match self.detail {
            Detail { amount: Amount::Prompts, .. } => notes.push("only prompts and last answers are told".to_owned()),
            Detail { outputs: false, .. } => notes.push("outputs of commands and tools are left out".to_owned()),
            Detail { most_lines, .. } if self.leaves_out => {
                notes.push(format!("of outputs at most {} are told", count(most_lines, "line")));
            }
            _ => {}
        }
        notes
    }
}

/// How many turns each page has so that none is larger than it should be, where a turn is not too large itself.
fn split(sections: impl Iterator<Item = usize>, most_bytes: usize) -> Vec<usize> {
    let (mut parts, mut turns, mut bytes) = (Vec::new(), 0, 0);
    for section in sections {
        if turns > 0 && bytes + section > most_bytes {
            parts.push(std::mem::take(&mut turns));
            bytes = 0;
        }
        turns += 1;
        bytes += section;
    }
    parts.push(turns);
    parts
}

/// How many bytes the turns of the largest page have.
fn largest(mut sections: impl Iterator<Item = usize>, parts: &[usize]) -> usize {
    parts.iter().map(|turns| sections.by_ref().take(*turns).sum()).max().unwrap_or(0)
}
