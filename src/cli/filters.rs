//! What listings and histories can be narrowed to, and how they tell times.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use codex_git::Workspace;
use codex_git::model::config_key::DATE;
use codex_git::model::{Moment, rfc3339};
use codex_git::ops::{Filter, Needle};
use time::OffsetDateTime;
use time::macros::format_description;

use super::context::Context;
use crate::ui;

/// Which sessions or saves a listing has, and how it tells times.
#[derive(Args)]
pub struct Listed {
    /// List only the newest of them
    #[arg(short = 'n', long, value_name = "N")]
    pub max_count: Option<usize>,
    /// How to tell times [default: relative, or what `codex-git config date` says]
    #[arg(long, value_enum)]
    pub date: Option<Dates>,
    #[command(flatten)]
    pub filters: Filters,
}

/// Which turns, sessions or saves are wanted: those for which all of these hold.
#[derive(Args)]
#[command(next_help_heading = "Filters")]
pub struct Filters {
    /// Only what is no older than this, such as 2026-11-20, 3d, 2h, yesterday or monday
    #[arg(long, value_name = "TIME", visible_alias = "after")]
    since: Option<Moment>,
    /// Only what is no newer than this; a day counts to its end
    #[arg(long, value_name = "TIME", visible_alias = "before")]
    until: Option<Moment>,
    /// Only those whose model has this in its name
    #[arg(long, value_name = "MODEL")]
    author: Option<String>,
    /// Only those that worked in this directory or below it
    #[arg(long, value_name = "DIR")]
    cwd: Option<PathBuf>,
    /// Only those whose prompt has this regular expression in it (in a listing: their name, note or first prompt)
    #[arg(long, value_name = "PATTERN")]
    grep: Option<Needle>,
}

impl Filters {
    /// The filter that they are now and here.
    pub fn filter(&self, context: &Context, workspace: &Workspace) -> Filter {
        Filter {
            since: self.since.map(|moment| moment.first(context.now)),
            until: self.until.map(|moment| moment.last(context.now)),
            author: self.author.clone(),
            below: self.cwd.as_deref().map(|directory| context.below(workspace, directory)),
            grep: self.grep.clone(),
        }
    }

    /// Whether a directory is asked for.
    pub fn names_a_directory(&self) -> bool {
        self.cwd.is_some()
    }
}

/// How times are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Dates {
    /// How long ago it was
    #[default]
    Relative,
    /// In UTC, as 2026-11-24T21:46:03Z
    Iso,
    /// By the local clock
    Local,
}

impl Dates {
    /// How a person wants times told: as the command's words say, else as the settings do.
    pub fn wanted(typed: Option<Self>, workspace: &Workspace) -> Self {
        let configured = || Self::from_str(&workspace.configured(&DATE)?, false).ok();
        typed.or_else(configured).unwrap_or_default()
    }

    /// A time in seconds since 1970, in a few letters.
    pub fn brief(self, seconds: i64, context: &Context) -> String {
        match self {
            Self::Relative => ui::brief_age(seconds, context.unix_now()),
            Self::Iso => rfc3339(seconds),
            Self::Local => local(seconds, context.now),
        }
    }

    /// A time in seconds since 1970, in words.
    pub fn words(self, seconds: i64, context: &Context) -> String {
        if self == Self::Relative { ui::age(seconds, context.unix_now()) } else { self.brief(seconds, context) }
    }
}

fn local(seconds: i64, now: OffsetDateTime) -> String {
    let form = format_description!("[year]-[month]-[day] [hour]:[minute]");
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok().map(|time| time.to_offset(now.offset()));
    time.and_then(|time| time.format(&form).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_know_the_same_ways_to_tell_times() {
        let names: Vec<String> = Dates::value_variants()
            .iter()
            .map(|dates| dates.to_possible_value().unwrap().get_name().to_owned())
            .collect();
        assert_eq!(names, DATE.words());
        assert_eq!(DATE.default.map(|name| Dates::from_str(name, false)), Some(Ok(Dates::default())));
    }
}
